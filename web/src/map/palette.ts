// Colours of the map, taken from the same tokens as the page, so that light and dark follow.

export interface Palette {
  /** Colour and ink of the marks by rank. */
  marks: Record<1 | 2 | 3 | 4 | 5 | 6 | 7, { fill: string; ink: string }>
  ink: string
  halo: string
  border: string
  selected: string
}

export function palette(root: Element = document.documentElement): Palette {
  const style = getComputedStyle(root)
  const token = (name: string) => style.getPropertyValue(`--${name}`).trim()
  const level = (n: number) => ({ fill: token(`level-${n}`), ink: token(`level-${n}-ink`) })
  return {
    marks: {
      1: level(1),
      2: level(2),
      3: level(3),
      4: level(4),
      5: { fill: token('ink-3'), ink: token('bg') },
      // Not the blue of a level: what stands there must never look like what has happened.
      6: { fill: token('ok'), ink: token('bg') },
      7: { fill: token('bad'), ink: token('bg') },
    },
    ink: token('ink-1'),
    halo: token('bg'),
    border: token('line-strong'),
    selected: token('focus'),
  }
}
