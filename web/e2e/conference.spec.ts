// A main venue, a county and a district in one meeting, each in its own Chromium with its own camera and voice.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { City, type Person } from './driver'

interface Inbound {
  kind: string
  frames: number
  packets: number
  energy: number
}

interface Connection {
  state: string
  cipher: string | null
  inbound: Inbound[]
}

interface Media {
  venues: { venue_id: string; sources: { kind: string; open: boolean; packets: number; dropped_closed: number }[] }[]
}

interface Meeting {
  id: string
  roster: { venue_id: string; name: string; connection: { state: string }; mic: { closed: boolean; by: string | null } }[]
}

/** The same in every demonstration city. */
const VENUES = {
  main: { id: '0190d000-0000-7000-8000-000000000000', name: '市委主会场', division: '2201', level: 'city' },
  district: { id: '0190d000-0000-7000-8000-000000000003', name: '南关区分会场', division: '220102', level: 'county' },
  county: { id: '0190d000-0000-7000-8000-000000000011', name: '榆树市分会场', division: '220182', level: 'county' },
}

/** Registers the venues where the city has not, and calls them into a meeting of their own. */
async function convene(operator: Person): Promise<Meeting> {
  for (const venue of Object.values(VENUES)) await operator.call('POST', '/venues', { ...venue, kind: 'av', remote_open_ok: true })
  const { main, county, district } = VENUES
  const planned = await operator.call<Meeting>('POST', '/conferences', { title: '全市防汛工作视频会议', active_main: main.id, venues: [county.id, district.id] })
  return operator.call<Meeting>('POST', `/conferences/${planned.id}/start`)
}

/** Lets the test read every connection the page makes; `disobedient` keeps sending whatever it is told. */
function spy(disobedient: boolean): void {
  const made: RTCPeerConnection[] = []
  const Original = window.RTCPeerConnection
  window.RTCPeerConnection = class extends Original {
    constructor(configuration?: RTCConfiguration) {
      super(configuration)
      made.push(this)
    }
  }
  Object.assign(window, { connections: made })
  if (!disobedient) return
  const replace = RTCRtpSender.prototype.replaceTrack
  RTCRtpSender.prototype.replaceTrack = function (track) {
    return track === null ? Promise.resolve() : replace.call(this, track)
  }
}

async function arrive(city: City, login: string, colour: 'red' | 'green' | 'blue', pitch_hz: number, disobedient = false): Promise<Person> {
  const person = await city.arrive(login, { colour, pitch_hz })
  await person.context.addInitScript(spy, disobedient)
  await person.signIn()
  return person
}

const connections = (person: Person): Promise<Connection[]> =>
  person.page.evaluate(async () => {
    const made = (window as unknown as { connections: RTCPeerConnection[] }).connections.filter((pc) => pc.connectionState !== 'closed')
    return Promise.all(
      made.map(async (pc) => {
        const reports = [...(await pc.getStats()).values()] as Record<string, unknown>[]
        const transport = reports.find((report) => report.type === 'transport')
        const inbound = reports
          .filter((report) => report.type === 'inbound-rtp')
          .map((report) => ({
            kind: String(report.kind),
            frames: Number(report.framesDecoded ?? 0),
            packets: Number(report.packetsReceived ?? 0),
            energy: Number(report.totalAudioEnergy ?? 0),
          }))
        return { state: pc.connectionState, cipher: (transport?.srtpCipher as string | undefined) ?? null, inbound }
      }),
    )
  })

async function inbound(person: Person, kind: string): Promise<Inbound[]> {
  return (await connections(person)).flatMap((connection) => connection.inbound).filter((line) => line.kind === kind)
}

const audioPackets = async (person: Person) => (await inbound(person, 'audio')).reduce((sum, line) => sum + line.packets, 0)

describe('a meeting', () => {
  let city: City | undefined
  let operator: Person
  let main: Person
  let county: Person
  let district: Person
  let meeting: Meeting

  const venue = (name: RegExp) => meeting.roster.find((row) => name.test(row.name))!.venue_id
  const command = (verb: string, name: RegExp) => operator.call('POST', `/conferences/${meeting.id}/${verb}`, { venue_id: venue(name) })
  const soundOf = async (name: RegExp) => {
    const { venues } = await operator.call<Media>('GET', `/conferences/${meeting.id}/media`)
    return venues.find((one) => one.venue_id === venue(name))!.sources.find((source) => source.kind === 'audio')!
  }

  beforeAll(async () => {
    const started = await City.start()
    city = started
    operator = await started.arrive('operator')
    await operator.signIn()
    meeting = await convene(operator)
    main = await arrive(started, 'venue.shiwei', 'red', 110)
    county = await arrive(started, 'venue.yushu', 'green', 160, true)
    district = await arrive(started, 'venue.nanguan', 'blue', 220)
  })
  afterAll(async () => {
    await city?.end()
  })

  it('each terminal answers by itself and both branches decode the main venue and hear it', async () => {
    for (const branch of [county, district]) {
      await branch.until('decodes more than 100 frames of the main venue', async () => (await inbound(branch, 'video')).some((line) => line.frames > 100), 60_000)
      await branch.until('hears the main venue', async () => (await inbound(branch, 'audio')).some((line) => line.packets > 50 && line.energy > 0), 30_000)
    }
  })

  it('the main venue decodes both branches', async () => {
    await main.until('decodes two pictures', async () => (await inbound(main, 'video')).filter((line) => line.frames > 100).length === 2, 60_000)
    await main.screenshot('conference-main')
    await county.screenshot('conference-county')
  })

  it('all media is encrypted and authenticated in one', async () => {
    for (const person of [main, county, district]) {
      const open = await connections(person)
      expect(open.map((connection) => connection.state)).toEqual(['connected', 'connected'])
      for (const connection of open) expect(connection.cipher).toMatch(/AEAD_AES_(128|256)_GCM$/)
    }
  })

  it('a branch is silent on entry and heard when control opens it', async () => {
    expect((await soundOf(/榆树/)).open).toBe(false)
    expect(await audioPackets(main)).toBe(0)
    await command('open-mic', /榆树/)
    await main.until('hears the county', async () => (await audioPackets(main)) > 50, 20_000)
  })

  it('a closed microphone is dropped in the media server although its client keeps sending', async () => {
    await command('close-mic', /榆树/)
    await county.until('is told so', () => county.page.locator('[data-state=closed_by_control]').count(), 10_000)
    await main.page.waitForTimeout(500)
    const [heard, dropped] = [await audioPackets(main), (await soundOf(/榆树/)).dropped_closed]
    await main.page.waitForTimeout(2_000)
    expect(await audioPackets(main)).toBe(heard)
    expect((await soundOf(/榆树/)).dropped_closed).toBeGreaterThan(dropped + 20)
    await county.screenshot('conference-county-closed')
  })

  it('closed stays closed when the page is loaded again', async () => {
    await county.page.reload()
    await county.until('is back', async () => (await inbound(county, 'video')).some((line) => line.frames > 10), 30_000)
    await county.until('is still closed', () => county.page.locator('[data-state=closed_by_control]').count(), 10_000)
    expect((await soundOf(/榆树/)).open).toBe(false)
  })

  it('a certificate other than the promised one does not connect', async () => {
    const attempt = (spoil: boolean) =>
      district.page.evaluate(
        async ([conference, venue, spoil]) => {
          const pc = new RTCPeerConnection()
          pc.addTransceiver('audio', { direction: 'sendonly' })
          await pc.setLocalDescription(await pc.createOffer())
          const wrong = (line: string) => line.replace(/[0-9A-F]{2}$/, (pair) => (pair === '00' ? '01' : '00'))
          const sdp = pc.localDescription!.sdp
          const offer = spoil ? sdp.replace(/^a=fingerprint:.*?(?=\r?$)/gm, wrong) : sdp
          const answer = await fetch(`/api/v1/media/whip?conference=${conference}&venue=${venue}`, { method: 'POST', headers: { 'content-type': 'application/sdp' }, body: offer })
          await pc.setRemoteDescription({ type: 'answer', sdp: await answer.text() })
          const states: string[] = []
          for (let tick = 0; tick < 60 && pc.connectionState !== 'connected'; tick += 1) {
            await new Promise((done) => setTimeout(done, 100))
            states.push(pc.connectionState)
          }
          const reached = pc.connectionState
          pc.close()
          return reached
        },
        [meeting.id, venue(/南关/), spoil] as const,
      )
    expect(await attempt(false)).toBe('connected')
    expect(await attempt(true)).not.toBe('connected')
  })

  it('the console shows who is in and whose microphone is closed', async () => {
    await operator.open(`/conferences/${meeting.id}/console`)
    const row = operator.page.locator(`[data-venue="${venue(/榆树/)}"]`)
    await row.waitFor()
    await operator.until('shows the county', async () => (await row.getAttribute('data-state')) === 'joined' && (await row.getAttribute('data-mic')) === 'control')
    await operator.screenshot('conference-console')
    expect(await operator.barriers()).toEqual([])
    for (const person of [operator, main, county, district]) expect(person.crashes).toEqual([])
  })
})
