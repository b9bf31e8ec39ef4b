// The map with tiles of its own server, with a plain base, and with nothing under it; never a word to another host.
import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { City, type Person } from './driver'
import { archive } from './pmtiles'

const base = resolve(import.meta.dirname, '../../demo/basemap.geojson')
/** South-east of the demonstration: no incident and no asset lies there, a lake and some places do. */
const QUIET = { x: 0.62, y: 0.53, width: 0.28, height: 0.37 }

/** How much water and how much writing of the dark style is to be seen in the quiet corner of the map, in points. */
async function drawn(person: Person): Promise<{ water: number; names: number }> {
  const { width, height } = person.page.viewportSize()!
  const picture = await person.page.screenshot({ clip: { x: QUIET.x * width, y: QUIET.y * height, width: QUIET.width * width, height: QUIET.height * height } })
  return person.page.evaluate(
    async (data) => {
      const image = new Image()
      image.src = `data:image/png;base64,${data}`
      await image.decode()
      const canvas = new OffscreenCanvas(image.width, image.height)
      const context = canvas.getContext('2d')!
      context.drawImage(image, 0, 0)
      const { data: pixels } = context.getImageData(0, 0, image.width, image.height)
      const found = { water: 0, names: 0 }
      for (let n = 0; n < pixels.length; n += 4) {
        const [red, green, blue] = [pixels[n]!, pixels[n + 1]!, pixels[n + 2]!]
        if (Math.abs(red - 0x1c) + Math.abs(green - 0x41) + Math.abs(blue - 0x64) < 20) found.water += 1
        if (Math.min(red, green, blue) > 0x60) found.names += 1
      }
      return found
    },
    picture.toString('base64'),
  )
}

const written = ({ water, names }: { water: number; names: number }) => water > 300 && names > 300

describe('the map', () => {
  let city: City
  afterEach(async () => {
    await city.end()
  })

  /** The leader before the map of such a city, and every address his browser asked. */
  async function before(settings: (dir: string) => Promise<string>): Promise<{ leader: Person; asked: URL[] }> {
    city = await City.start(settings)
    const leader = await city.arrive('leader')
    const asked: URL[] = []
    leader.page.on('request', (request) => asked.push(new URL(request.url())))
    await leader.signIn()
    await leader.open('/map')
    await leader.page.locator('[data-testid="map-incidents"] li').first().waitFor()
    return { leader, asked }
  }

  const strangers = (asked: readonly URL[]) =>
    asked.filter((url) => ['http:', 'https:', 'ws:', 'wss:'].includes(url.protocol) && url.host !== new URL(city.server.origin).host).map(String)
  const nothing = async (dir: string) => {
    const empty = join(dir, 'empty.geojson')
    await writeFile(empty, JSON.stringify({ type: 'FeatureCollection', features: [] }))
    return `base_geojson = ${JSON.stringify(empty)}\ncentre = [125.3, 43.9, 7.0]\n`
  }

  it('draws the tiles of its own server, with Chinese names from the fonts of the machine', async () => {
    const { leader, asked } = await before(async (dir) => {
      const tiles = join(dir, 'base.pmtiles')
      await archive(base, tiles)
      return `[map]\npmtiles = ${JSON.stringify(tiles)}\n${await nothing(dir)}`
    })
    await leader.until('water and names out of the tiles', async () => written(await drawn(leader)))
    await leader.screenshot('map-tiles')
    const tiles = asked.filter((url) => /\/map\/tiles\/\d+\/\d+\/\d+$/.test(url.pathname))
    expect(tiles.length).toBeGreaterThan(0)
    expect(strangers(asked)).toEqual([])
    expect(asked.filter((url) => /font|glyph|sprite/.test(url.pathname))).toEqual([])
    expect(leader.crashes).toEqual([])
  })

  it('shows the same names from a plain base map when there are no tiles at all', async () => {
    const { leader, asked } = await before(async () => `[map]\nbase_geojson = ${JSON.stringify(base)}\ncentre = [125.3, 43.9, 7.0]\n`)
    await leader.until('water and names of the base map', async () => written(await drawn(leader)))
    await leader.screenshot('map-plain')
    expect(asked.filter((url) => url.pathname.includes('/map/tiles/'))).toEqual([])
    expect(strangers(asked)).toEqual([])
  })

  it('works with nothing under it: what happens is still there and can be picked', async () => {
    const { leader, asked } = await before(async (dir) => `[map]\n${await nothing(dir)}`)
    await leader.page.locator('.maplibregl-canvas').first().waitFor()
    await leader.page.locator('[data-testid="map-incidents"] li button, [data-testid="map-incidents"] li').first().click()
    await leader.screenshot('map-nothing')
    expect(await drawn(leader)).toEqual({ water: 0, names: 0 })
    expect(strangers(asked)).toEqual([])
    expect(leader.crashes).toEqual([])
  })
})
