// The one file that names the map library: draws marks and areas in layers, tells what was picked and what is in view.
import {
  AttributionControl,
  Map as LibreMap,
  NavigationControl,
  ScaleControl,
  setWorkerUrl,
  type ExpressionSpecification,
  type GeoJSONSource,
  type LayerSpecification,
  type MapMouseEvent,
} from 'maplibre-gl'
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url'
import 'maplibre-gl/dist/maplibre-gl.css'
import { drawn, heaps, type Mark } from './heap'
import { palette, type Palette } from './palette'

setWorkerUrl(workerUrl)

export type { Mark } from './heap'
export type Box = [west: number, south: number, east: number, north: number]

/** A line or an area with a name on it. */
export interface Outline {
  name: string
  label: string
  geometry: { type: string; coordinates: unknown }
  /** Drawn to be looked at, such as the circle that was asked about. */
  strong?: boolean
}

export interface SurfaceOptions {
  container: HTMLElement
  /** Address of the style for a theme. */
  style: (theme: 'dark' | 'light') => string
  theme: 'dark' | 'light'
  /** Where to open; the style says it when absent. */
  centre?: [number, number]
  zoom?: number
  /** Names of the layers, lowest first. */
  layers: readonly string[]
  words: { zoom_in: string; zoom_out: string; map: string }
}

interface Layer {
  marks: Map<string, Mark>
  outlines: Map<string, Outline>
  visible: boolean
  dirty: boolean
}

/** Above this zoom neighbouring heaps are drawn apart. */
const CLUSTER_ZOOM_MAX = 12
const CLUSTER_RADIUS_PX = 32
/** The shape of a danger, told from a help without seeing colours. */
const DIAMOND = 'diamond'
const DIAMOND_PX = 52
const FONT = ['Noto Sans CJK SC, PingFang SC, Microsoft YaHei, sans-serif']

export class Surface {
  private readonly map: LibreMap
  private readonly layers = new Map<string, Layer>()
  private readonly resize: ResizeObserver
  private selected: string | null = null
  private drawing = 0
  private theme: 'dark' | 'light'
  private readonly picks = new Set<(names: string[]) => void>()
  private readonly places = new Set<(place: readonly [number, number]) => void>()
  private readonly moves = new Set<(box: Box, zoom: number) => void>()
  private readonly hovers = new Set<(name: string | null, at: { x: number; y: number }) => void>()
  private hovered: string | null = null

  constructor(private readonly options: SurfaceOptions) {
    this.theme = options.theme
    for (const name of options.layers) {
      this.layers.set(name, { marks: new Map(), outlines: new Map(), visible: true, dirty: true })
    }
    this.map = new LibreMap({
      container: options.container,
      style: options.style(options.theme),
      ...(options.centre ? { center: options.centre, zoom: options.zoom ?? 11 } : {}),
      maxZoom: 19,
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      localIdeographFontFamily: FONT[0],
      // The worker that fetches tiles has no page to be relative to.
      transformRequest: (url) => ({ url: new URL(url, location.origin).href }),
      locale: { 'NavigationControl.ZoomIn': options.words.zoom_in, 'NavigationControl.ZoomOut': options.words.zoom_out, 'Map.Title': options.words.map },
    })
    this.map.touchZoomRotate.disableRotation()
    this.map.addControl(new NavigationControl({ showCompass: false }), 'bottom-right')
    this.map.addControl(new ScaleControl({ unit: 'metric' }), 'bottom-left')
    this.map.addControl(new AttributionControl({ compact: true }), 'bottom-left')
    this.map.on('style.load', () => this.build())
    // The first picture is complete: tests measure from here, not from the start of a page.
    this.map.once('idle', () => (options.container.dataset.settled = 'yes'))
    this.map.on('click', (event) => {
      for (const listener of this.places) listener([event.lngLat.lng, event.lngLat.lat])
      void this.pick(event)
    })
    this.map.on('moveend', () => this.moved())
    this.map.on('mousemove', (event) => {
      const found = this.hit(event)
      this.map.getCanvas().style.cursor = found ? 'pointer' : ''
      this.hover(found && !found.properties.cluster ? String(found.properties.name) : null, event.point)
    })
    this.map.on('mouseout', () => this.hover(null, { x: 0, y: 0 }))
    this.resize = new ResizeObserver(() => this.map.resize())
    this.resize.observe(options.container)
  }

  /** Adds or changes marks of a layer. */
  upsertMarks(layer: string, marks: readonly Mark[]): void {
    const own = this.layer(layer)
    for (const mark of marks) own.marks.set(mark.name, mark)
    this.touch(own)
  }

  /** Adds or changes lines and areas of a layer. */
  upsertOutlines(layer: string, outlines: readonly Outline[]): void {
    const own = this.layer(layer)
    for (const outline of outlines) own.outlines.set(outline.name, outline)
    this.touch(own)
  }

  /** Takes names off whatever layer has them. */
  remove(names: readonly string[]): void {
    for (const own of this.layers.values()) {
      let gone = false
      for (const name of names) gone = own.marks.delete(name) || own.outlines.delete(name) || gone
      if (gone) this.touch(own)
    }
  }

  clear(): void {
    for (const own of this.layers.values()) {
      own.marks.clear()
      own.outlines.clear()
      this.touch(own)
    }
  }

  setVisible(layer: string, visible: boolean): void {
    this.layer(layer).visible = visible
    this.draw()
  }

  /** Rings one mark; `null` none. */
  select(name: string | null): void {
    this.selected = name
    this.draw()
  }

  /** Brings a place into view without changing more than needed. */
  show(place: readonly [number, number], zoom = 14): void {
    this.map.easeTo({ center: [place[0], place[1]], zoom: Math.max(this.map.getZoom(), zoom), duration: this.pace() })
  }

  /** Moves only when the place is out of sight. */
  reveal(place: readonly [number, number]): void {
    if (!this.map.getBounds().contains([place[0], place[1]])) this.show(place, 0)
  }

  fit(box: Box, padding = 60): void {
    this.map.fitBounds(box, { padding, maxZoom: 15, duration: this.pace() })
  }

  setTheme(theme: 'dark' | 'light'): void {
    if (theme === this.theme) return
    this.theme = theme
    this.map.setStyle(this.options.style(theme), { diff: false })
  }

  /** The names on the picked spot, gravest first; empty when open ground was picked. */
  onPick(listener: (names: string[]) => void): void {
    this.picks.add(listener)
  }

  /** Longitude and latitude of every click. */
  onPlace(listener: (place: readonly [number, number]) => void): void {
    this.places.add(listener)
  }

  /** The mark under the pointer and where the pointer is, in pixels of the map; `null` when it leaves. */
  onHover(listener: (name: string | null, at: { x: number; y: number }) => void): void {
    this.hovers.add(listener)
  }

  /** Called with every settled view; the first when the map stands. */
  onMove(listener: (box: Box, zoom: number) => void): void {
    this.moves.add(listener)
    this.map.once('load', () => this.moved())
  }

  destroy(): void {
    this.resize.disconnect()
    cancelAnimationFrame(this.drawing)
    this.map.remove()
  }

  private layer(name: string): Layer {
    const own = this.layers.get(name)
    if (!own) throw new Error(`the map has no layer ${name}`)
    return own
  }

  private touch(own: Layer): void {
    own.dirty = true
    this.draw()
  }

  /** Many changes of one moment are drawn once. */
  private draw(): void {
    cancelAnimationFrame(this.drawing)
    this.drawing = requestAnimationFrame(() => this.drawNow())
  }

  private drawNow(): void {
    for (const [name, own] of this.layers) {
      const marks = this.map.getSource<GeoJSONSource>(`marks:${name}`)
      const outlines = this.map.getSource<GeoJSONSource>(`outlines:${name}`)
      // The style is under way; it draws when it has come.
      if (!marks || !outlines) return
      // What nobody sees need not be drawn; it is when it is shown.
      if (own.dirty && own.visible) {
        marks.setData({ type: 'FeatureCollection', features: heaps(own.marks.values()).map(drawn) })
        outlines.setData({ type: 'FeatureCollection', features: [...own.outlines.values()].map(outlineFeature) })
        own.dirty = false
      }
      for (const layer of layersOf(name, palette())) {
        this.map.setLayoutProperty(layer.id, 'visibility', own.visible ? 'visible' : 'none')
      }
      this.map.setFilter(`ring:${name}`, ['in', JSON.stringify(this.selected ?? ''), ['coalesce', ['get', 'names'], '']])
    }
  }

  private hover(name: string | null, at: { x: number; y: number }): void {
    if (name === this.hovered) return
    this.hovered = name
    for (const listener of this.hovers) listener(name, at)
  }

  private build(): void {
    const colours = palette()
    if (!this.map.hasImage(DIAMOND)) this.map.addImage(DIAMOND, diamond(colours), { pixelRatio: 2 })
    for (const [name, own] of this.layers) {
      const empty = { type: 'FeatureCollection' as const, features: [] }
      this.map.addSource(`outlines:${name}`, { type: 'geojson', data: empty })
      this.map.addSource(`marks:${name}`, {
        type: 'geojson',
        data: empty,
        cluster: true,
        clusterRadius: CLUSTER_RADIUS_PX,
        clusterMaxZoom: CLUSTER_ZOOM_MAX,
        clusterProperties: { count: ['+', ['get', 'count']], rank: ['min', ['get', 'rank']] },
      })
      own.dirty = true
    }
    const all = [...this.layers.keys()].flatMap((name) => layersOf(name, colours))
    for (const layer of [...all].sort((a, b) => height(a) - height(b))) this.map.addLayer(layer)
    this.draw()
  }

  private hit(event: MapMouseEvent) {
    const layers = [...this.layers.keys()].flatMap((name) => [`mark:${name}`, `diamond:${name}`]).filter((id) => this.map.getLayer(id))
    return this.map.queryRenderedFeatures(event.point, { layers })[0]
  }

  private async pick(event: MapMouseEvent): Promise<void> {
    const feature = this.hit(event)
    const cluster = feature?.properties?.cluster_id as number | undefined
    if (!feature || cluster === undefined) {
      const names = feature ? (JSON.parse(String(feature.properties.names)) as string[]) : []
      for (const listener of this.picks) listener(names)
      return
    }
    const source = this.map.getSource<GeoJSONSource>(feature.source)
    const zoom = await source!.getClusterExpansionZoom(cluster)
    const [lon, lat] = (feature.geometry as unknown as { coordinates: [number, number] }).coordinates
    this.map.easeTo({ center: [lon, lat], zoom, duration: this.pace() })
  }

  private moved(): void {
    const bounds = this.map.getBounds()
    const clamp = (value: number, most: number) => Math.min(Math.max(value, -most), most)
    const box: Box = [clamp(bounds.getWest(), 180), clamp(bounds.getSouth(), 90), clamp(bounds.getEast(), 180), clamp(bounds.getNorth(), 90)]
    for (const listener of this.moves) listener(box, this.map.getZoom())
  }

  private pace(): number {
    return matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 400
  }
}

function outlineFeature(outline: Outline) {
  return {
    type: 'Feature' as const,
    geometry: outline.geometry as { type: 'Point'; coordinates: number[] },
    properties: { name: outline.name, label: outline.label, strong: outline.strong ?? false },
  }
}

/** A square on its corner, filled and edged like the round marks. */
function diamond(colours: Palette): ImageData {
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = DIAMOND_PX
  const pen = canvas.getContext('2d')!
  const [middle, edge] = [DIAMOND_PX / 2, 2]
  pen.beginPath()
  pen.moveTo(middle, edge)
  pen.lineTo(DIAMOND_PX - edge, middle)
  pen.lineTo(middle, DIAMOND_PX - edge)
  pen.lineTo(edge, middle)
  pen.closePath()
  pen.fillStyle = colours.marks[7].fill
  pen.fill()
  pen.lineWidth = 3
  pen.strokeStyle = colours.halo
  pen.stroke()
  return pen.getImageData(0, 0, DIAMOND_PX, DIAMOND_PX)
}

/** Areas lie under lines, lines under marks, whatever layer they belong to. */
function height(layer: LayerSpecification): number {
  return ['area', 'line', 'area-label', 'ring', 'mark', 'diamond', 'glyph', 'label'].indexOf(layer.id.split(':')[0]!)
}

function layersOf(name: string, colours: Palette): LayerSpecification[] {
  const by = (pick: 'fill' | 'ink'): ExpressionSpecification => [
    'match',
    ['get', 'rank'],
    1,
    colours.marks[1][pick],
    2,
    colours.marks[2][pick],
    3,
    colours.marks[3][pick],
    4,
    colours.marks[4][pick],
    6,
    colours.marks[6][pick],
    7,
    colours.marks[7][pick],
    colours.marks[5][pick],
  ]
  const radius: ExpressionSpecification = ['step', ['get', 'count'], 11, 2, 13, 10, 16, 100, 20]
  const ringRadius: ExpressionSpecification = ['step', ['get', 'count'], 16, 2, 18, 10, 21, 100, 25]
  const marks = `marks:${name}`
  const outlines = `outlines:${name}`
  return [
    {
      id: `area:${name}`,
      type: 'fill',
      source: outlines,
      filter: ['==', ['geometry-type'], 'Polygon'],
      paint: { 'fill-color': colours.selected, 'fill-opacity': 0.05 },
    },
    {
      id: `line:${name}`,
      type: 'line',
      source: outlines,
      paint: {
        'line-color': ['case', ['get', 'strong'], colours.selected, colours.border],
        'line-width': ['interpolate', ['linear'], ['zoom'], 6, 0.8, 12, 2],
        'line-opacity': 0.9,
      },
    },
    {
      id: `area-label:${name}`,
      type: 'symbol',
      source: outlines,
      filter: ['==', ['geometry-type'], 'Polygon'],
      minzoom: 6.5,
      layout: { 'text-field': ['get', 'label'], 'text-font': FONT, 'text-size': 13, 'text-letter-spacing': 0.1 },
      paint: { 'text-color': colours.ink, 'text-halo-color': colours.halo, 'text-halo-width': 1.4, 'text-opacity': 0.8 },
    },
    {
      id: `ring:${name}`,
      type: 'circle',
      source: marks,
      filter: ['==', ['get', 'name'], ''],
      paint: { 'circle-radius': ringRadius, 'circle-color': 'transparent', 'circle-stroke-color': colours.selected, 'circle-stroke-width': 3 },
    },
    {
      id: `mark:${name}`,
      type: 'circle',
      source: marks,
      filter: ['!=', ['get', 'rank'], 7],
      paint: { 'circle-radius': radius, 'circle-color': by('fill'), 'circle-stroke-color': colours.halo, 'circle-stroke-width': 1.5 },
    },
    {
      id: `diamond:${name}`,
      type: 'symbol',
      source: marks,
      filter: ['==', ['get', 'rank'], 7],
      layout: {
        'icon-image': DIAMOND,
        'icon-size': ['step', ['get', 'count'], 1.1, 2, 1.3, 10, 1.6],
        'icon-allow-overlap': true,
        'icon-ignore-placement': true,
      },
    },
    {
      id: `glyph:${name}`,
      type: 'symbol',
      source: marks,
      layout: {
        'text-field': ['case', ['>', ['get', 'count'], 1], ['to-string', ['get', 'count']], ['coalesce', ['get', 'glyph'], '']],
        'text-font': FONT,
        'text-size': 12,
        'text-allow-overlap': true,
        'text-ignore-placement': true,
      },
      paint: { 'text-color': by('ink') },
    },
    {
      id: `label:${name}`,
      type: 'symbol',
      source: marks,
      minzoom: 10,
      layout: {
        'text-field': ['coalesce', ['get', 'label'], ''],
        'text-font': FONT,
        'text-size': 12,
        'text-anchor': 'left',
        'text-justify': 'left',
        'text-offset': [1.25, 0],
        'text-max-width': 14,
        'text-optional': true,
      },
      paint: { 'text-color': colours.ink, 'text-halo-color': colours.halo, 'text-halo-width': 1.4 },
    },
  ]
}
