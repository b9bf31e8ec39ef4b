import { expect, test } from 'vitest'
import { grouped, nextStep, safeNext } from './model'

test('an administrator is asked for the code, a locked account starts over', () => {
  expect(nextStep('password', 'identity.totp_needed')).toBe('totp')
  expect(nextStep('totp', 'identity.locked')).toBe('password')
  expect(nextStep('totp', 'identity.wrong_totp')).toBe('totp')
})

test('after login only places of this page are gone to', () => {
  expect(safeNext('/incidents?x=1')).toBe('/incidents?x=1')
  for (const bad of ['https://evil', '//evil', '/\\evil', '/login?next=/', undefined, ['/a']]) expect(safeNext(bad)).toBeNull()
})

test('a secret is shown in groups of four', () => {
  expect(grouped('ABCDEFGHIJ')).toBe('ABCD EFGH IJ')
  expect(grouped('ABCDEFGH')).toBe('ABCD EFGH')
})
