// A short meeting is recorded from the console, everybody is told, and the files play in step in the same browser.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { clapper, watch } from './clapper'
import { City, type Person } from './driver'

interface Conference {
  id: string
  roster: { short_name: string; connection: { state: string } }[]
}
interface Recording {
  segments: { segment_id: string; picture_codec: string | null; duration_ms: number; venue_name: string; gaps: unknown[] }[]
}

/** What the trade accepts between sound and picture, seconds. */
const IN_STEP_S = 0.08

describe('a recorded meeting', () => {
  let city: City
  let operator: Person
  let main: Person
  let county: Person
  let meeting: Conference
  let id: string
  let recording: Recording

  beforeAll(async () => {
    city = await City.start()
    operator = await city.arrive('operator')
    await operator.signIn()
    const { items } = await operator.call<{ items: Conference[] }>('GET', '/conferences')
    meeting = items[0]!
    main = await city.arrive('venue.shiwei', { colour: 'red', pitch_hz: 110 })
    county = await city.arrive('venue.yushu', { colour: 'green', pitch_hz: 150 })
    await main.context.addInitScript(clapper, false)
    await county.context.addInitScript(clapper, true)
    for (const venue of [main, county]) await venue.signIn()
    for (const short_name of ['市委', '榆树']) {
      const joined = async () => {
        const now = await operator.call<Conference>('GET', `/conferences/${meeting.id}`)
        return now.roster.find((row) => row.short_name === short_name)!.connection.state === 'joined'
      }
      await operator.until(`${short_name} is in the meeting`, joined, 60_000)
    }
    await county.until('pictures flow', async () => (await county.reception()).frames.some((frames) => frames > 30), 60_000)
  })
  afterAll(async () => {
    await city.end()
  })

  it('is started at the console and everybody is told', async () => {
    await operator.open(`/conferences/${meeting.id}/console`)
    await operator.page.locator('[data-key=record]').click()
    await operator.page.locator('[data-recording=running]').waitFor()
    for (const venue of [main, county]) await venue.page.locator('[data-recording=running]').waitFor({ timeout: 20_000 })
    await operator.screenshot('recording-console')
    await main.screenshot('recording-venue')
  })

  it('is stopped at the console, and what was recorded is in the catalogue', async () => {
    await new Promise((resolve) => setTimeout(resolve, 12_000))
    await operator.page.locator('[data-key=stop-recording]').click()
    await operator.page.locator('.el-dialog:visible .el-button--primary, .el-dialog:visible .el-button--danger').first().click()
    await main.page.locator('[data-recording=running]').waitFor({ state: 'detached', timeout: 20_000 })
    const list = await operator.call<{ items: { recording_id: string }[] }>('GET', '/recordings')
    id = list.items[0]!.recording_id
    recording = await operator.until('two whole segments', async () => {
      const now = await operator.call<Recording>('GET', `/recordings/${id}`)
      return now.segments.length >= 2 ? now : null
    })
    expect(recording.segments.map((segment) => segment.picture_codec).toSorted()).toEqual(['h264', 'vp8'])
    for (const segment of recording.segments) expect(segment.duration_ms).toBeGreaterThan(9_000)
  })

  for (const codec of ['vp8', 'h264']) {
    it(`what was sent as ${codec} plays to its end with sound in step`, async () => {
      await operator.open(`/recordings/${id}`)
      const segment = recording.segments.find((one) => one.picture_codec === codec)!
      await operator.page.locator(`[data-segment="${segment.segment_id}"]`).click()
      await operator.page.locator(`[data-test=player][src*="${segment.segment_id}"]`).waitFor()
      const played = await operator.page.evaluate(watch)
      console.log(codec, JSON.stringify(played))
      expect(played.error).toBeNull()
      expect(Math.abs(played.duration - segment.duration_ms / 1_000)).toBeLessThan(0.5)
      expect(played.frames).toBeGreaterThan(60)
      expect(played.width).toBeGreaterThan(0)
      const apart = played.flashes.map((flash) => Math.min(...played.tones.map((tone) => Math.abs(tone - flash))))
      expect(apart.length).toBeGreaterThanOrEqual(3)
      const middle = apart.toSorted((a, b) => a - b)[Math.floor(apart.length / 2)]!
      console.log(`${codec}: sound and picture ${(middle * 1_000).toFixed(0)} ms apart at the median of ${apart.length}`)
      expect(middle).toBeLessThan(IN_STEP_S)
    })
  }

  it('the pages of recordings are whole', async () => {
    await operator.open(`/recordings/${id}`)
    await operator.page.locator('[data-test=player]').waitFor()
    await operator.screenshot('recording')
    expect(await operator.barriers()).toEqual([])
    await operator.open('/recordings')
    await operator.sees('录像')
    await operator.screenshot('recordings')
    expect(await operator.barriers()).toEqual([])
    for (const person of [operator, main, county]) expect(person.crashes).toEqual([])
  })
})
