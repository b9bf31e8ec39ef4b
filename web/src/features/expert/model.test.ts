import { expect, it } from 'vitest'
import { subjectsLine, toneOf } from './model'

it('a subject without a name is shown by its code', () => {
  expect(subjectsLine({ subjects: [{ code: '570', name: '水利工程' }, { code: '62080', name: '' }] })).toBe('水利工程、62080')
})

it('only an available expert is green', () => {
  expect([toneOf('available'), toneOf('consulting'), toneOf('on_leave')]).toEqual(['ok', 'warn', 'quiet'])
})
