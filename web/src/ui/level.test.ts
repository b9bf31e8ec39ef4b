import { expect, test } from 'vitest'
import { levelOf } from './level'

test('a level is read from number, digit and roman', () => {
  expect([levelOf(1), levelOf('4'), levelOf('ii'), levelOf('III')]).toEqual(['I', 'IV', 'II', 'III'])
})

test('what is no level is none', () => {
  expect([levelOf(null), levelOf(undefined), levelOf(0), levelOf(5), levelOf('x'), levelOf('')]).toEqual(Array(6).fill(null))
})
