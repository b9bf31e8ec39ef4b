// Heaps: nothing is lost, the gravest shows.
import { describe, expect, it } from 'vitest'
import { drawn, heaps, type Mark } from './heap'

const mark = (name: string, lon: number, rank: Mark['rank'] = 4): Mark => ({ name, place: [lon, 43.9], rank, glyph: '火', label: name })

describe('heaps', () => {
  it('makes one heap of marks on one spot, gravest first', () => {
    const found = heaps([mark('b', 125.3), mark('a', 125.3, 1), mark('c', 125.4)])
    expect(found.map((heap) => heap.marks.map((one) => one.name))).toEqual([['a', 'b'], ['c']])
  })

  it('draws the count and hides the label of one among several', () => {
    const [heap] = heaps([mark('a', 125.3, 2), mark('b', 125.3)])
    expect(drawn(heap!).properties).toMatchObject({ count: 2, rank: 2, label: '', names: '["a","b"]' })
  })

  it('keeps a thousand marks of one spot', () => {
    const many = Array.from({ length: 1000 }, (_, n) => mark(`m${n}`, 125.3))
    const found = heaps(many)
    expect(found).toHaveLength(1)
    expect(found[0]!.marks).toHaveLength(1000)
  })

  it('tells spots a metre apart from each other', () => {
    expect(heaps([mark('a', 125.3), mark('b', 125.30001)])).toHaveLength(2)
  })
})
