// Three sizes of one camera: each viewer gets the one it can use, in VP8 and in H.264, and another when that changes.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { City, type Person } from './driver'

interface Conference {
  id: string
  roster: { venue_id: string; short_name: string; connection: { state: string } }[]
}
interface Media {
  venues: { venue_id: string; estimate_bps: number | null; sources: { kind: string; layers: { packets: number; bitrate_bps: number }[] }[] }[]
}

/** Chromium makes three layers from this height on, and two cores can still encode it three times. */
const CAMERA = { width: 960, height: 540 }

describe.each([
  ['VP8', /vp8/i],
  ['H264', /h264/i],
])('a camera in three layers of %s', (codec, pattern) => {
  let city: City
  let main: Person
  let county: Person
  let operator: Person
  let meeting: Conference

  beforeAll(async () => {
    city = await City.start()
    operator = await city.arrive('operator')
    await operator.signIn()
    const { items } = await operator.call<{ items: Conference[] }>('GET', '/conferences')
    meeting = items[0]!
    main = await city.arrive('venue.shiwei', { colour: 'red', pitch_hz: 110 })
    county = await city.arrive('venue.yushu', { colour: 'green', pitch_hz: 150, ...CAMERA })
    for (const venue of [main, county]) {
      await venue.prefer(codec)
      await venue.signIn()
    }
  })
  afterAll(async () => {
    await city.end()
  })

  const seat = async (short_name: string) => {
    const now = await operator.call<Conference>('GET', `/conferences/${meeting.id}`)
    return now.roster.find((row) => row.short_name === short_name)!
  }
  const figures = async (short_name: string) => {
    const { venue_id } = await seat(short_name)
    const media = await operator.call<Media>('GET', `/conferences/${meeting.id}/media`)
    return media.venues.find((venue) => venue.venue_id === venue_id)
  }

  it('the browser encodes all three, in this codec, and sends each', async () => {
    const layers = await county.until(
      'three layers',
      async () => {
        const layers = await county.layersSent()
        return layers.length === 3 && layers.every((layer) => layer.frames > 30) ? layers : null
      },
      90_000,
    )
    expect(layers.map((layer) => [layer.rid, layer.width])).toEqual([
      ['q', CAMERA.width / 4],
      ['h', CAMERA.width / 2],
      ['f', CAMERA.width],
    ])
    for (const layer of layers) expect(layer.codec).toMatch(pattern)
  })

  it('the server tells the three apart', async () => {
    const layers = await operator.until(
      'packets of three layers',
      async () => {
        const video = (await figures('榆树'))?.sources.find((source) => source.kind === 'video')
        return video?.layers.length === 3 && video.layers.every((layer) => layer.packets > 50 && layer.bitrate_bps > 5_000) ? video.layers : null
      },
      60_000,
    )
    const bitrates = layers.map((layer) => layer.bitrate_bps)
    expect(bitrates[0]).toBeLessThan(bitrates[2]!)
  })

  it('who sees only this venue gets the largest', async () => {
    await main.until('the full width', async () => (await main.picturesSeen()).some((picture) => picture.width === CAMERA.width && picture.frames > 30), 60_000)
    const received = (await main.picturesSeen()).find((picture) => picture.width === CAMERA.width)!
    expect(received.codec).toMatch(pattern)
  })

  it('a second picture beside it makes it smaller, without a break', async () => {
    const whole = (await main.picturesSeen()).find((picture) => picture.width === CAMERA.width)!
    const district = await city.arrive('venue.nanguan', { colour: 'blue', pitch_hz: 190 })
    await district.prefer(codec)
    await district.signIn()
    // One stream to its decoder: the same SSRC, whose count of frames goes on.
    const half = (picture: { ssrc: number; width: number; frames: number }) => picture.ssrc === whole.ssrc && picture.width === CAMERA.width / 2 && picture.frames > whole.frames + 30
    await main.until('half the width', async () => (await main.picturesSeen()).some(half), 60_000)
    await operator.call('POST', `/conferences/${meeting.id}/hang-up`, { venue_id: (await seat('南关')).venue_id })
    await main.until('the full width again', async () => (await main.picturesSeen()).some((picture) => picture.width === CAMERA.width), 60_000)
  })

  it('the server knows what a viewer can take, from its browser', async () => {
    const estimate = await operator.until('an estimate', async () => (await figures('市委'))?.estimate_bps, 30_000)
    expect(estimate).toBeGreaterThan(300_000)
  })

  it('no page has broken', () => {
    for (const person of [main, county, operator]) expect(person.crashes).toEqual([])
  })
})
