import { expect, test } from 'vitest'
import { address, isSafe, journalSeq, problemOf } from './request'

test('absent query values are left out and lists are joined', () => {
  expect(address('/incidents', { status: ['reported', 'verified'], level: null, after: undefined, q: '火灾' })).toBe(
    '/api/v1/incidents?status=reported%2Cverified&q=%E7%81%AB%E7%81%BE',
  )
  expect(address('/session')).toBe('/api/v1/session')
})

test('only reads are safe', () => {
  expect(isSafe('GET')).toBe(true)
  expect(isSafe('DELETE')).toBe(false)
})

test('a problem keeps its code, both texts and its facts', () => {
  const problem = problemOf(
    409,
    'application/problem+json',
    JSON.stringify({ code: 'incident.version_conflict', detail: '已被他人修改', detail_en: 'Changed by somebody else', current: { version: 3 } }),
  )
  expect(problem.code).toBe('incident.version_conflict')
  expect(problem.text).toBe('已被他人修改')
  expect(problem.fact<{ version: number }>('current')?.version).toBe(3)
})

test('an answer that is no problem still becomes one', () => {
  expect(problemOf(502, 'text/html', '<h1>Bad gateway</h1>').code).toBe('http.502')
  expect(problemOf(500, 'application/json', '{"cut').code).toBe('http.500')
})

test('only a whole number is a journal position', () => {
  expect(journalSeq('42')).toBe(42)
  expect(journalSeq('4x')).toBeNull()
  expect(journalSeq(null)).toBeNull()
})
