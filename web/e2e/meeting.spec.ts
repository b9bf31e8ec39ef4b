// Three venues with real pictures and speech in one meeting: everybody sees and hears whom the rules say.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { City, type Person } from './driver'

interface Conference {
  id: string
  roster: { venue_id: string; short_name: string; connection: { state: string }; mic: { closed: boolean } }[]
}

describe('a meeting of the main venue, a county and a district', () => {
  let city: City
  let main: Person
  let county: Person
  let district: Person
  let operator: Person
  let meeting: Conference

  beforeAll(async () => {
    city = await City.start()
    operator = await city.arrive('operator')
    await operator.signIn()
    const { items } = await operator.call<{ items: Conference[] }>('GET', '/conferences')
    meeting = items[0]!
    main = await city.arrive('venue.shiwei', { colour: 'red', pitch_hz: 110 })
    county = await city.arrive('venue.yushu', { colour: 'green', pitch_hz: 150 })
    district = await city.arrive('venue.nanguan', { colour: 'blue', pitch_hz: 190 })
    for (const venue of [main, county, district]) await venue.signIn()
  })
  afterAll(async () => {
    await city.end()
  })

  const seat = async (short_name: string) => {
    const now = await operator.call<Conference>('GET', `/conferences/${meeting.id}`)
    return now.roster.find((row) => row.short_name === short_name)!
  }

  it('the terminals join by themselves', async () => {
    for (const short_name of ['市委', '榆树', '南关']) {
      await operator.until(`${short_name} is in the meeting`, async () => (await seat(short_name)).connection.state === 'joined', 60_000)
    }
  })

  it('each branch decodes more than 100 frames of the main venue and hears it', async () => {
    for (const branch of [county, district]) {
      await branch.until('100 frames', async () => (await branch.reception()).frames.some((frames) => frames > 100), 60_000)
      await branch.until('a voice', async () => (await branch.reception()).energy > 0.001, 30_000)
    }
  })

  it('the main venue decodes both branches and hears them', async () => {
    await main.until('100 frames of both', async () => (await main.reception()).frames.filter((frames) => frames > 100).length >= 2, 60_000)
    await main.until('a voice', async () => (await main.reception()).energy > 0.001, 30_000)
    await main.screenshot('meeting-main')
    await county.screenshot('meeting-county')
  })

  it('everything is encrypted with an authenticated cipher', async () => {
    for (const venue of [main, county, district]) {
      const { ciphers } = await venue.reception()
      expect(ciphers.length).toBeGreaterThan(0)
      for (const cipher of ciphers) expect(cipher).toMatch(/AEAD_AES_/)
    }
  })

  it('a microphone closed by control is closed in the server while its browser keeps sending', async () => {
    await county.disobey()
    await operator.call('POST', `/conferences/${meeting.id}/close-mic`, { venue_id: (await seat('南关')).venue_id })
    await operator.call('POST', `/conferences/${meeting.id}/close-mic`, { venue_id: (await seat('榆树')).venue_id })
    expect((await seat('榆树')).mic.closed).toBe(true)
    const quiet = await main.until(
      'no packet of a branch for a second',
      async () => {
        const before = (await main.reception()).audio_packets
        await new Promise((resolve) => setTimeout(resolve, 1_000))
        const after = (await main.reception()).audio_packets
        return before === after ? { packets: after } : null
      },
      20_000,
    )
    const sent = (await county.reception()).audio_sent
    await county.until('its browser sends on', async () => (await county.reception()).audio_sent > sent + 50, 20_000)
    expect((await main.reception()).audio_packets).toBe(quiet.packets)
    await operator.call('POST', `/conferences/${meeting.id}/open-mic`, { venue_id: (await seat('榆树')).venue_id })
    await main.until('the county is heard again', async () => (await main.reception()).audio_packets > quiet.packets, 30_000)
  })

  it('no page has broken', () => {
    for (const person of [main, county, district, operator]) expect(person.crashes).toEqual([])
  })
})
