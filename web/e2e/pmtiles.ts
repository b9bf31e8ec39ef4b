// A small PMTiles archive (version 3, vector tiles, nothing compressed) out of a GeoJSON base map, for tests.
import { readFile, writeFile } from 'node:fs/promises'

type Position = [lon: number, lat: number]
interface Feature {
  geometry: { type: string; coordinates: unknown }
  properties: Record<string, unknown>
}

const EXTENT = 4096
const ZOOMS = [4, 5, 6, 7] as const
/** Layers of the tiles by `kind` of the base map, named as the common schemas name them. */
const LAYERS: Record<string, string> = { lake: 'water', river: 'waterway', urban: 'landuse', place: 'place', airport: 'place' }

export async function archive(base: string, path: string): Promise<void> {
  const { features } = JSON.parse(await readFile(base, 'utf8')) as { features: Feature[] }
  const tiles = new Map<number, Uint8Array>()
  const box = bounds(features.flatMap((feature) => positions(feature.geometry.coordinates)))
  for (const z of ZOOMS) {
    const [left, top] = place([box[0], box[3]], z).map(Math.floor) as Position
    const [right, bottom] = place([box[2], box[1]], z).map(Math.floor) as Position
    for (let x = left; x <= right; x += 1) for (let y = top; y <= bottom; y += 1) tiles.set(tileId(z, x, y), tile(features, z, x, y))
  }
  const ids = [...tiles.keys()].sort((a, b) => a - b)
  const bodies = ids.map((id) => tiles.get(id)!)
  const lengths = bodies.map((body) => body.length)
  const offsets = lengths.map((_, n) => lengths.slice(0, n).reduce((sum, length) => sum + length, 0))
  const directory = bytes([
    ...varint(ids.length),
    ...ids.flatMap((id, n) => varint(id - (n ? ids[n - 1]! : 0))),
    ...ids.flatMap(() => varint(1)),
    ...lengths.flatMap(varint),
    ...offsets.flatMap((offset) => varint(offset + 1)),
  ])
  const metadata = new TextEncoder().encode(JSON.stringify({ vector_layers: [...new Set(Object.values(LAYERS))].map((id) => ({ id, fields: {} })), attribution: 'Natural Earth' }))
  const data = bytes(bodies.flatMap((body) => [...body]))
  const head = new DataView(new ArrayBuffer(127))
  new Uint8Array(head.buffer).set(new TextEncoder().encode('PMTiles'))
  head.setUint8(7, 3)
  const sections = [127, directory.length, 127 + directory.length, metadata.length, 0, 0, 127 + directory.length + metadata.length, data.length, ids.length, ids.length, ids.length]
  sections.forEach((value, n) => head.setBigUint64(8 + 8 * n, BigInt(value), true))
  // Clustered; neither directory nor tiles compressed; vector tiles.
  ;[1, 1, 1, 1, ZOOMS[0], ZOOMS[3]].forEach((value, n) => head.setUint8(96 + n, value))
  box.forEach((degrees, n) => head.setInt32(102 + 4 * n, Math.round(degrees * 1e7), true))
  head.setUint8(118, ZOOMS[2])
  head.setInt32(119, Math.round(((box[0] + box[2]) / 2) * 1e7), true)
  head.setInt32(123, Math.round(((box[1] + box[3]) / 2) * 1e7), true)
  await writeFile(path, Buffer.concat([new Uint8Array(head.buffer), directory, metadata, data]))
}

function positions(coordinates: unknown): Position[] {
  const list = coordinates as unknown[]
  return typeof list[0] === 'number' ? [list as unknown as Position] : list.flatMap(positions)
}

function bounds(points: readonly Position[]): [number, number, number, number] {
  const lons = points.map(([lon]) => lon)
  const lats = points.map(([, lat]) => lat)
  return [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)]
}

/** Web Mercator, in tiles of this zoom. */
function place([lon, lat]: Position, z: number): Position {
  const n = 2 ** z
  const radians = (lat * Math.PI) / 180
  return [((lon + 180) / 360) * n, ((1 - Math.log(Math.tan(radians) + 1 / Math.cos(radians)) / Math.PI) / 2) * n]
}

/** Number of a tile on the Hilbert curve through all zooms. */
function tileId(z: number, x: number, y: number): number {
  let id = (4 ** z - 1) / 3
  for (let size = 2 ** (z - 1); size >= 1; size /= 2) {
    const rx = Math.floor(x / size) % 2
    const ry = Math.floor(y / size) % 2
    id += size * size * ((3 * rx) ^ ry)
    if (ry === 0) {
      if (rx === 1) [x, y] = [size - 1 - (x % size), size - 1 - (y % size)]
      else [x, y] = [x % size, y % size]
      ;[x, y] = [y, x]
    } else [x, y] = [x % size, y % size]
  }
  return id
}

function tile(features: readonly Feature[], z: number, x: number, y: number): Uint8Array {
  const layers = [...new Set(Object.values(LAYERS))].flatMap((name) => {
    const values: string[] = []
    const drawn = features
      .filter((feature) => LAYERS[String(feature.properties.kind)] === name)
      .flatMap((feature) => {
        const commands = geometry(feature, z, x, y)
        if (commands.length === 0) return []
        const named = String(feature.properties.name ?? '')
        const tags = named ? [0, values.push(named) - 1] : []
        const type = feature.geometry.type.endsWith('Point') ? 1 : feature.geometry.type.endsWith('LineString') ? 2 : 3
        return field(2, [...(tags.length ? field(2, tags.flatMap(varint)) : []), 24, type, ...field(4, commands.flatMap(varint))])
      })
    if (drawn.length === 0) return []
    const texts = values.flatMap((value) => field(4, field(1, text(value))))
    return field(3, [...field(1, text(name)), ...drawn, ...field(3, text('name')), ...texts, 40, ...varint(EXTENT), 120, 2])
  })
  return bytes(layers)
}

/** Commands of a feature in a tile. Whole shapes, also beyond the edge: the tiles are few and the drawing cuts them. */
function geometry(feature: Feature, z: number, x: number, y: number): number[] {
  const { type, coordinates } = feature.geometry
  const lines: Position[][] =
    type === 'Point' ? [[coordinates as Position]]
    : type === 'MultiPolygon' ? (coordinates as Position[][][]).flat()
    : type === 'LineString' ? [coordinates as Position[]]
    : (coordinates as Position[][])
  const inTile = (at: Position) => {
    const [px, py] = place(at, z)
    return [Math.round((px - x) * EXTENT), Math.round((py - y) * EXTENT)] as Position
  }
  const shapes = lines.map((line) => line.map(inTile))
  const [west, north, east, south] = bounds(shapes.flat())
  if (east < 0 || west > EXTENT || south < 0 || north > EXTENT) return []
  let [cx, cy] = [0, 0]
  const step = ([px, py]: Position) => {
    const moved = [zigzag(px - cx), zigzag(py - cy)]
    ;[cx, cy] = [px, py]
    return moved
  }
  return shapes.flatMap((line) => {
    const ring = type.endsWith('Polygon') ? line.slice(0, -1) : line
    if (type === 'Point') return [9, ...step(ring[0]!)]
    return [9, ...step(ring[0]!), ((ring.length - 1) << 3) | 2, ...ring.slice(1).flatMap(step), ...(type.endsWith('Polygon') ? [15] : [])]
  })
}

const zigzag = (value: number) => (value << 1) ^ (value >> 31)
const text = (value: string) => [...new TextEncoder().encode(value)]
const bytes = (values: readonly number[]) => Uint8Array.from(values)
const field = (number: number, body: readonly number[]) => [(number << 3) | 2, ...varint(body.length), ...body]

function varint(value: number): number[] {
  const found: number[] = []
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...found, rest]
    found.push((rest % 128) | 128)
  }
}
