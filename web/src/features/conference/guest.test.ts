import { expect, test } from 'vitest'
import { keyFor } from './guest'

test('a telephone keeps its key for a link, and another link gets another key', () => {
  const kept = new Map<string, string>()
  const store = { getItem: (place: string) => kept.get(place) ?? null, setItem: (place: string, key: string) => void kept.set(place, key) }
  const first = keyFor('token-of-one-link', store)
  expect(first).toMatch(/^[A-Za-z0-9_-]{43}$/)
  expect(keyFor('token-of-one-link', store)).toBe(first)
  expect(keyFor('another-link-token', store)).not.toBe(first)
  expect([...kept.keys()].join()).not.toContain('token-of-one-link')
})
