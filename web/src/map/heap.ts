// Marks that lie on one spot become one heap with a count: a geocoder puts a thousand calls on one point.

/** 1 is the gravest level, 4 the lightest, 5 has none, 6 is not an incident, 7 is a danger of the place and drawn as a diamond. */
export type Rank = 1 | 2 | 3 | 4 | 5 | 6 | 7

export interface Mark {
  /** Unique over all layers. */
  name: string
  /** Longitude and latitude, WGS-84. */
  place: readonly [number, number]
  rank: Rank
  /** One or two characters drawn inside the mark. */
  glyph: string
  /** Drawn beside the mark when there is room. */
  label: string
}

export interface Heap {
  place: readonly [number, number]
  /** Gravest first, then by name; never empty. */
  marks: Mark[]
}

/** Spots closer than this many degrees (about 0.1 m) are one. */
const SPOT = 1e-6

export function heaps(marks: Iterable<Mark>): Heap[] {
  const spots = new Map<string, Heap>()
  for (const mark of marks) {
    const key = `${Math.round(mark.place[0] / SPOT)}:${Math.round(mark.place[1] / SPOT)}`
    const heap = spots.get(key)
    if (heap) heap.marks.push(mark)
    else spots.set(key, { place: mark.place, marks: [mark] })
  }
  for (const heap of spots.values()) {
    heap.marks.sort((a, b) => a.rank - b.rank || (a.name < b.name ? -1 : 1))
  }
  return [...spots.values()]
}

/** What is drawn for a heap: the gravest mark, and how many lie there. */
export function drawn(heap: Heap) {
  const top = heap.marks[0]!
  return {
    type: 'Feature' as const,
    geometry: { type: 'Point' as const, coordinates: [...heap.place] },
    properties: {
      name: top.name,
      // Properties of vector features are flat, so the list travels as text.
      names: JSON.stringify(heap.marks.map((mark) => mark.name)),
      count: heap.marks.length,
      rank: top.rank,
      glyph: top.glyph,
      label: heap.marks.length > 1 ? '' : top.label,
    },
  }
}
