// What lies on the situation map: live features in, marks, outlines and the list beside the map out.
import { levelOf, type Level } from '@/ui/level'
import type { Mark, Outline } from '@/map/surface'

export const LAYERS = ['region', 'asset', 'incident'] as const
export type LayerName = (typeof LAYERS)[number]

/** A GeoJSON feature of the live map; `id` is `layer/id` and unique. */
export interface LiveFeature {
  type: 'Feature'
  id: string
  geometry: { type: string; coordinates: unknown }
  properties: Properties
}

export interface Properties {
  layer: string
  id: string
  name?: string
  title?: string
  number?: string
  level?: string | null
  status?: string
  category?: string
  place?: string
  division?: string
  exercise?: boolean
  /** Id of the consultation that is running about it. */
  consultation?: string
  /** ms UTC */
  received_at?: number
  kind?: string
}

/** Everything the server has told of the view, by name. */
export type Known = ReadonlyMap<string, LiveFeature>

/** `fresh`: the server starts anew, what was known before no longer counts. */
export function heard(known: Known, upsert: readonly LiveFeature[], remove: readonly string[], fresh: boolean): Map<string, LiveFeature> {
  const next = new Map(fresh ? [] : known)
  for (const name of remove) next.delete(name)
  for (const feature of upsert) next.set(feature.id, feature)
  return next
}

const RANKS: Record<Level, 1 | 2 | 3 | 4> = { I: 1, II: 2, III: 3, IV: 4 }

/** One character per category; the longest slug that fits decides. */
const GLYPHS: readonly [string, string][] = [
  ['accident.transport', '车'],
  ['accident.work_safety.fire', '火'],
  ['accident.work_safety.hazmat', '危'],
  ['accident', '故'],
  ['health', '卫'],
  ['natural.earthquake', '震'],
  ['natural.flood', '水'],
  ['natural.geology', '地'],
  ['natural.weather', '气'],
  ['natural.wildfire', '火'],
  ['natural', '灾'],
  ['security', '安'],
]
const ASSET_GLYPHS: Record<string, string> = { hospital: '医', shelter: '避', hazard: '危', depot: '库', team: '队', camera: '视', target: '护', waterwork: '坝', bridge: '桥', pipeline: '管', sensor: '测' }

function glyphOf(category: string): string {
  return GLYPHS.find(([slug]) => category === slug || category.startsWith(`${slug}.`))?.[1] ?? '事'
}

/** One character per kind of asset. */
export function assetGlyph(kind: string): string {
  return ASSET_GLYPHS[kind] ?? '资'
}

/** The mark of a point feature; null for lines, areas and unknown layers. */
export function markOf(feature: LiveFeature): Mark | null {
  if (feature.geometry.type !== 'Point') return null
  const place = feature.geometry.coordinates as [number, number]
  const { properties } = feature
  const label = properties.title ?? properties.name ?? properties.number ?? ''
  if (properties.layer === 'incident') {
    const level = levelOf(properties.level)
    return { name: feature.id, place, rank: level ? RANKS[level] : 5, glyph: glyphOf(properties.category ?? ''), label }
  }
  if (properties.layer === 'asset') {
    return { name: feature.id, place, rank: properties.kind === 'hazard' ? 7 : 6, glyph: assetGlyph(properties.kind ?? ''), label }
  }
  return null
}

export function outlineOf(feature: LiveFeature): Outline | null {
  if (feature.geometry.type === 'Point') return null
  return { name: feature.id, label: feature.properties.name ?? feature.properties.title ?? '', geometry: feature.geometry }
}

/** The incidents in view as the list shows them: gravest first, then the newest. */
export function incidents(known: Known): LiveFeature[] {
  const rank = (feature: LiveFeature) => markOf(feature)?.rank ?? 5
  return [...known.values()]
    .filter((feature) => feature.properties.layer === 'incident')
    .sort((a, b) => rank(a) - rank(b) || (b.properties.received_at ?? 0) - (a.properties.received_at ?? 0))
}

/** How many of a layer are in view. */
export function counts(known: Known): Record<string, number> {
  const found: Record<string, number> = {}
  for (const { properties } of known.values()) found[properties.layer] = (found[properties.layer] ?? 0) + 1
  return found
}

/** West, south, east and north of the incidents known, in degrees; null when there is none. */
export function incidentBox(known: Known): [number, number, number, number] | null {
  const places = incidents(known)
    .filter((feature) => feature.geometry.type === 'Point')
    .map((feature) => feature.geometry.coordinates as [number, number])
  if (!places.length) return null
  const lons = places.map(([lon]) => lon)
  const lats = places.map(([, lat]) => lat)
  return [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)]
}
