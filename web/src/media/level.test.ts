import { expect, test } from 'vitest'
import { meter } from './level'

test('silence is empty, full scale is full, -30 dBFS is the middle', () => {
  expect(meter(new Float32Array(128))).toBe(0)
  expect(meter(new Float32Array(128).fill(1))).toBe(1)
  expect(meter(new Float32Array(128).fill(10 ** (-30 / 20)))).toBeCloseTo(0.5, 3)
})
