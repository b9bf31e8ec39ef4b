import { expect, test } from 'vitest'
import { metricLabel, parseMetrics } from './health'

test('measurements are read without comments and buckets', () => {
  const text = '# HELP a b\n# TYPE a counter\na_total{route="/x y"} 3\nb_seconds_bucket{le="1"} 4\nb_seconds_sum 0.5\n'
  expect(parseMetrics(text)).toEqual([
    { name: 'a_total{route="/x y"}', value: '3' },
    { name: 'b_seconds_sum', value: '0.5' },
  ])
})

test('a measurement is named in words, an unknown one by its own name', () => {
  const names = { a_total: 'Requests' }
  expect(metricLabel('a_total{method="GET",status="200"}', names)).toBe('Requests GET 200')
  expect(metricLabel('a_total', names)).toBe('Requests')
  expect(metricLabel('b_total{x="1"}', names)).toBe('b_total{x="1"}')
})
