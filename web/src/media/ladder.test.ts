import { expect, test } from 'vitest'
import { rung } from './ladder'

test('the first try keeps the connection, all later ones make a new one', () => {
  expect(rung(0, true)).toEqual({ step: 'restart', wait_ms: 0 })
  expect(rung(1, true)).toEqual({ step: 'reconnect', wait_ms: 0 })
})

test('a connection the server has forgotten is not restarted', () => {
  expect(rung(0, false)).toEqual({ step: 'reconnect', wait_ms: 0 })
})

test('it never gives up and never waits longer than five seconds', () => {
  for (let attempt = 0; attempt < 500; attempt += 1) expect(rung(attempt, true).wait_ms).toBeLessThanOrEqual(5_000)
  expect(rung(499, true)).toEqual({ step: 'reconnect', wait_ms: 5_000 })
})
