import { expect, test } from 'vitest'
import { modules } from './qr'

/** Modules back out of the path. */
function dark(path: string, size: number): boolean[][] {
  const rows = Array.from({ length: size }, () => Array.from({ length: size }, () => false))
  for (const [, x, y, width] of path.matchAll(/M(\d+) (\d+)h(\d+)/g)) rows[Number(y)]!.fill(true, Number(x), Number(x) + Number(width))
  return rows
}

test('a picture has its quiet border and its three finder patterns', () => {
  const { size, path } = modules('otpauth://totp/Fenghuotai:system?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Fenghuotai')
  const rows = dark(path, size)
  const quiet = (n: number) => rows[n]!.every((one) => !one) && rows.every((row) => !row[n])
  for (const n of [0, 1, 2, 3, size - 1, size - 4]) expect(quiet(n)).toBe(true)
  for (const [x, y] of [[4, 4], [size - 11, 4], [4, size - 11]] as const) {
    expect(rows[y]!.slice(x, x + 7).every(Boolean)).toBe(true)
    expect(rows[y + 1]!.slice(x, x + 7)).toEqual([true, false, false, false, false, false, true])
    expect(rows[y + 3]!.slice(x, x + 7)).toEqual([true, false, true, true, true, false, true])
  }
})

test('another text is another picture', () => {
  expect(modules('a').path).not.toBe(modules('b').path)
})
