// Divisions by GB/T 2260 code; pure.

export interface Division {
  /** Significant digits: 22, 2201, 220102, 220102001. */
  code: string
  name: string
  kind: string
}

/** The nearest division above it that exists. */
export function parentOf(code: string, all: readonly Division[]): Division | null {
  let best: Division | null = null
  for (const division of all) {
    if (division.code !== code && code.startsWith(division.code) && division.code.length > (best?.code.length ?? 0)) best = division
  }
  return best
}

/** Name with its parent's, for lists in which names repeat: 长春市 / 朝阳区. */
export function pathName(division: Division, all: readonly Division[]): string {
  const parent = parentOf(division.code, all)
  return parent ? `${parent.name} / ${division.name}` : division.name
}
