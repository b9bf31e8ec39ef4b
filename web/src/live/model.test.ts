import { expect, test } from 'vitest'
import { backoff, BACKOFF_MAX_MS, BACKOFF_MIN_MS, freshness } from './model'

test('waiting grows, jitters over the whole range and is capped', () => {
  for (let attempt = 0; attempt < 40; attempt += 1) {
    for (const chance of [0, 0.3, 0.999]) {
      const wait = backoff(attempt, chance)
      expect(wait).toBeGreaterThanOrEqual(BACKOFF_MIN_MS)
      expect(wait).toBeLessThanOrEqual(BACKOFF_MAX_MS)
    }
  }
  expect(backoff(3, 1)).toBe(4_000)
  expect(backoff(30, 1)).toBe(BACKOFF_MAX_MS)
})

test('one missed beat is a delay, a closed line is broken', () => {
  const line = { open: true, heard_at: 10_000, beat_ms: 5_000 }
  expect(freshness(line, 17_500, 0)).toEqual({ state: 'live' })
  expect(freshness(line, 17_501, 0)).toEqual({ state: 'delayed', seconds: 8 })
  expect(freshness({ ...line, open: false }, 17_000, 5)).toEqual({ state: 'broken', last_at: 10_005 })
  expect(freshness({ ...line, heard_at: null }, 17_000, 5)).toEqual({ state: 'connecting' })
})
