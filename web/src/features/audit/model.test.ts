import { expect, test } from 'vitest'
import { brief, isRefusal } from './model'

test('only an attempt that was refused is marked', () => {
  expect(isRefusal({ kind: 'audit.refused' })).toBe(true)
  expect(isRefusal({ kind: 'identity.signed_in' })).toBe(false)
})

test('closed and empty contents are shown as nothing', () => {
  expect([brief(null), brief({}), brief({ a: 1 })]).toEqual(['', '', '{"a":1}'])
})
