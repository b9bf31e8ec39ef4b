// The dark modules of a QR picture as one path of a drawing; pure.
import { encode } from 'uqr'

/** Modules of white around the picture, as the standard asks. */
const QUIET = 4

export function modules(text: string): { size: number; path: string } {
  const { data, size } = encode(text, { ecc: 'M', border: QUIET })
  const runs: string[] = []
  for (let y = 0; y < size; y += 1) {
    for (let x = 0; x < size; x += 1) {
      if (!data[y]![x]) continue
      const from = x
      while (x + 1 < size && data[y]![x + 1]) x += 1
      runs.push(`M${from} ${y}h${x - from + 1}v1H${from}z`)
    }
  }
  return { size, path: runs.join('') }
}
