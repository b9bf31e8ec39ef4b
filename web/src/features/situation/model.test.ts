// The map's knowledge: what appears, changes and vanishes.
import { describe, expect, it } from 'vitest'
import { counts, heard, incidentBox, incidents, markOf, outlineOf, type Known, type LiveFeature } from './model'

const incident = (id: string, properties: Partial<LiveFeature['properties']> = {}): LiveFeature => ({
  type: 'Feature',
  id: `incident/${id}`,
  geometry: { type: 'Point', coordinates: [125.3, 43.9] },
  properties: { layer: 'incident', id, title: id, ...properties },
})
const region: LiveFeature = {
  type: 'Feature',
  id: 'region/220102',
  geometry: { type: 'Polygon', coordinates: [] },
  properties: { layer: 'region', id: '220102', name: '南关区' },
}
const none: Known = new Map()

describe('heard', () => {
  it('adds, changes and removes by name', () => {
    let known = heard(none, [incident('a'), incident('b')], [], true)
    known = heard(known, [incident('a', { level: 'II' })], ['incident/b'], false)
    expect([...known.keys()]).toEqual(['incident/a'])
    expect(known.get('incident/a')!.properties.level).toBe('II')
  })

  it('forgets everything when the server starts anew, so that no ghost stays', () => {
    const known = heard(none, [incident('gone')], [], true)
    expect([...heard(known, [incident('here')], [], true).keys()]).toEqual(['incident/here'])
  })
})

describe('marks', () => {
  it('ranks incidents by level and marks what has none', () => {
    expect(markOf(incident('a', { level: 'I', category: 'natural.biology' }))).toMatchObject({ rank: 1, glyph: '灾' })
    expect(markOf(incident('a', { category: 'accident.work_safety.fire' }))).toMatchObject({ glyph: '火' })
    expect(markOf(incident('a', { level: null }))).toMatchObject({ rank: 5, glyph: '事' })
    expect(markOf(region)).toBeNull()
    expect(outlineOf(region)).toMatchObject({ label: '南关区' })
  })

  it('lists incidents gravest first, then newest', () => {
    const known = heard(
      none,
      [region, incident('old', { level: 'IV', received_at: 1 }), incident('new', { level: 'IV', received_at: 2 }), incident('grave', { level: 'I' })],
      [],
      true,
    )
    expect(incidents(known).map((feature) => feature.properties.id)).toEqual(['grave', 'new', 'old'])
    expect(counts(known)).toEqual({ region: 1, incident: 3 })
  })
})

it('opens on the incidents and not on what else is known', () => {
  const at = (layer: string, id: string, coordinates: unknown): LiveFeature => ({ type: 'Feature', id: `${layer}/${id}`, geometry: { type: 'Point', coordinates }, properties: { layer, id } })
  const known = heard(new Map(), [at('incident', 'a', [125.1, 44.8]), at('incident', 'b', [126.5, 43.5]), at('asset', 'c', [100, 20])], [], true)
  expect(incidentBox(known)).toEqual([125.1, 43.5, 126.5, 44.8])
  expect(incidentBox(new Map())).toBeNull()
})
