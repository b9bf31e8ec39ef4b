import { expect, test } from 'vitest'
import { happened, mayApply, type Report } from './model'

const report = (over: Partial<Report>): Report => ({
  added: 0, changed: 0, unchanged: 0, repaired: 0, ended: 0, skipped: 0, refused: 0, lines: [], applied: false, ...over,
})

test('only what happened is told', () => {
  expect(happened(report({ added: 3, skipped: 1 }))).toEqual([{ outcome: 'added', n: 3 }, { outcome: 'skipped', n: 1 }])
})

test('a refused line keeps the whole file out, an unchanged file needs no import', () => {
  expect(mayApply(report({ added: 3 }))).toBe(true)
  expect(mayApply(report({ added: 3, refused: 1 }))).toBe(false)
  expect(mayApply(report({ unchanged: 9 }))).toBe(false)
})
