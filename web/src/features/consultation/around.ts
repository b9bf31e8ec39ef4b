// Geometry of a circle around an incident and of what stands in it, for the map beside the list; pure.
import type { Kind, Near } from '@/features/infrastructure/model'
import { distanceText } from '@/features/infrastructure/model'
import { assetGlyph } from '@/features/situation/model'
import type { Box, Mark, Outline } from '@/map/surface'

export type Place = readonly [lon: number, lat: number]

/** Metres of one degree of latitude on the mean sphere. */
const METRES_PER_DEGREE = 111_195
const CORNERS = 72

/** Half the width and half the height in degrees of a circle of `radius_m`. */
function reach(centre: Place, radius_m: number): [number, number] {
  const high = radius_m / METRES_PER_DEGREE
  return [high / Math.cos((centre[1] * Math.PI) / 180), high]
}

export function circleOutline(centre: Place, radius_m: number): Outline {
  const [wide, high] = reach(centre, radius_m)
  const ring = Array.from({ length: CORNERS + 1 }, (_, corner) => {
    const angle = ((corner % CORNERS) / CORNERS) * 2 * Math.PI
    return [centre[0] + wide * Math.cos(angle), centre[1] + high * Math.sin(angle)]
  })
  return { name: 'circle', label: '', geometry: { type: 'Polygon', coordinates: [ring] }, strong: true }
}

/** The circle and every place, with nothing cut off. */
export function boxAround(centre: Place, radius_m: number, places: readonly Place[]): Box {
  const [wide, high] = reach(centre, radius_m)
  const lons = [centre[0] - wide, centre[0] + wide, ...places.map((place) => place[0])]
  const lats = [centre[1] - high, centre[1] + high, ...places.map((place) => place[1])]
  return [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)]
}

/** Where the mark of a point, line or area stands: the point itself, the middle corner of a line, the middle of an area's corners. */
export function anchorOf(geometry: { type: string; coordinates: unknown } | null): Place | null {
  if (!geometry) return null
  const { type } = geometry
  if (type === 'Point') return geometry.coordinates as Place
  if (type === 'LineString') {
    const corners = geometry.coordinates as Place[]
    return corners[Math.floor(corners.length / 2)] ?? null
  }
  if (type === 'Polygon') {
    const corners = ((geometry.coordinates as Place[][])[0] ?? []).slice(1)
    if (!corners.length) return null
    const mean = (axis: 0 | 1) => corners.reduce((sum, corner) => sum + corner[axis], 0) / corners.length
    return [mean(0), mean(1)]
  }
  if (type.startsWith('Multi')) return anchorOf({ type: type.slice('Multi'.length), coordinates: (geometry.coordinates as unknown[])[0] })
  return null
}

/** Each asset once, with the mark that stands for it: a circle for what helps, a diamond for what is dangerous or in danger. */
export function marksOf(assets: readonly Near[], kinds: readonly Kind[]): Mark[] {
  const marks = new Map<string, Mark>()
  for (const asset of assets) {
    const place = anchorOf(asset.geometry)
    const helps = kinds.find((kind) => kind.code === asset.kind)?.helps ?? true
    if (place) marks.set(asset.id, { name: asset.id, place, rank: helps ? 6 : 7, glyph: assetGlyph(asset.kind), label: `${asset.name} ${distanceText(asset.distance_m)}` })
  }
  return [...marks.values()]
}

/** The drawn lines and areas of assets that are more than a point. */
export function shapesOf(assets: readonly Near[]): Outline[] {
  return assets.flatMap((asset) => (asset.geometry && asset.geometry.type !== 'Point' ? [{ name: `shape:${asset.id}`, label: '', geometry: asset.geometry }] : []))
}
