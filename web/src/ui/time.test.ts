import { expect, test } from 'vitest'
import { ago, dateText, durationText, fullText, shortText } from './time'

const noon = Date.UTC(2026, 10, 22, 4, 0, 0)

test('times are those of Beijing', () => {
  expect(fullText(noon)).toBe('2026-11-22 12:00:00')
  expect(dateText(Date.UTC(2026, 10, 22, 16, 0, 0))).toBe('2026-11-23')
  expect(fullText(Date.UTC(2026, 10, 22, 16, 0, 0))).toBe('2026-11-23 00:00:00')
})

test('the short text leaves out what is plain', () => {
  expect(shortText(noon - 60_000, noon)).toBe('11:59')
  expect(shortText(noon - 86_400_000, noon)).toBe('11-21 12:00')
  expect(shortText(Date.UTC(2025, 0, 1, 0, 0, 0), noon)).toBe('2025-01-01 08:00')
})

test('ago is coarse and never negative', () => {
  expect(ago(noon + 5_000, noon)).toEqual({ unit: 'just_now' })
  expect(ago(noon - 59 * 60_000, noon)).toEqual({ unit: 'minutes_ago', n: 59 })
  expect(ago(noon - 25 * 3_600_000, noon)).toEqual({ unit: 'days_ago', n: 1 })
})

test('durations count over a day in hours', () => {
  expect(durationText(2_530_000)).toBe('00:42:10')
  expect(durationText(90_000_000)).toBe('25:00:00')
})
