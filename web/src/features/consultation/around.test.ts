import { expect, it } from 'vitest'
import type { Kind, Near } from '@/features/infrastructure/model'
import { anchorOf, boxAround, circleOutline, marksOf, shapesOf } from './around'

const CENTRE = [125.3, 43.9] as const
const kind = (code: string, helps: boolean): Kind => ({ code, zh: code, en: code, helps, fields: [] })
const near = (id: string, kind: string, geometry: Near['geometry']) => ({ id, kind, name: id, geometry, distance_m: 1_200 }) as Near
const point = { type: 'Point', coordinates: [125.31, 43.91] }

it('every corner of the circle is as far away as was asked', () => {
  const [ring] = circleOutline(CENTRE, 3_000).geometry.coordinates as [[number, number][]]
  expect(ring[0]).toEqual(ring.at(-1))
  for (const [lon, lat] of ring) {
    const east = (lon - CENTRE[0]) * 111_195 * Math.cos((CENTRE[1] * Math.PI) / 180)
    expect(Math.hypot(east, (lat - CENTRE[1]) * 111_195)).toBeCloseTo(3_000, 0)
  }
})

it('the view holds the circle and what lies outside it', () => {
  const [west, south, east, north] = boxAround(CENTRE, 1_000, [[126, 43.9]])
  expect(east).toBe(126)
  expect(west).toBeLessThan(CENTRE[0])
  expect([south < CENTRE[1], north > CENTRE[1]]).toEqual([true, true])
})

it('lines and areas have one place for their mark', () => {
  expect(anchorOf({ type: 'LineString', coordinates: [[1, 1], [2, 5], [3, 3]] })).toEqual([2, 5])
  expect(anchorOf({ type: 'Polygon', coordinates: [[[0, 0], [2, 0], [2, 2], [0, 2], [0, 0]]] })).toEqual([1, 1])
  expect(anchorOf({ type: 'MultiPoint', coordinates: [[4, 5]] })).toEqual([4, 5])
  expect(anchorOf(null)).toBeNull()
})

it('a danger has another shape than a help, and an asset found twice is drawn once', () => {
  const hospital = near('医院', 'hospital', point)
  const marks = marksOf([hospital, near('油库', 'hazard', point), hospital, near('无址', 'hospital', null)], [kind('hospital', true), kind('hazard', false)])
  expect(marks.map((mark) => [mark.label, mark.rank])).toEqual([
    ['医院 1.2 km', 6],
    ['油库 1.2 km', 7],
  ])
})

it('only what is more than a point is outlined', () => {
  expect(shapesOf([near('点', 'hospital', point), near('河', 'waterwork', { type: 'LineString', coordinates: [] })]).map((shape) => shape.name)).toEqual(['shape:河'])
})
