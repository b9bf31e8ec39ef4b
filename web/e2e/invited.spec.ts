// An expert gets a link from the console, opens it on a telephone, is seen and silent, speaks, and is taken out again.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { City, LAPTOP, type Person } from './driver'

interface Row {
  venue_id: string
  name: string
  kind: string
  connection: { state: string }
  mic: { closed: boolean; by: string | null }
}

interface Conference {
  id: string
  people: { name: string; reference: string }[]
  roster: Row[]
}

const PHONE = { width: 390, height: 844 }
const INCIDENT = { title: '演示危化品泄漏', category: 'accident.work_safety.hazmat', division: '220102', place_text: '南关区演示路口', lon: 125.345, lat: 43.845 }

describe('an invited expert', () => {
  let city: City
  let duty: Person
  let main: Person
  let expert: Person
  let consultation: Conference

  const seat = async () => {
    const now = await duty.call<Conference>('GET', `/conferences/${consultation.id}`)
    return now.roster.find((row) => row.kind === 'person')
  }
  const message = async () => {
    const text = await duty.page.locator('[data-message]').last().inputValue()
    return text.match(/https?:\/\/\S+\/join#[\w-]+/)![0]
  }

  beforeAll(async () => {
    city = await City.start()
    duty = await city.arrive('duty', undefined, LAPTOP)
    main = await city.arrive('venue.nanguan', { colour: 'blue', pitch_hz: 190 }, LAPTOP)
    for (const person of [duty, main]) await person.signIn()
    const { items: experts } = await duty.call<{ items: { id: string }[] }>('GET', '/experts')
    const { items: venues } = await duty.call<{ items: { id: string; short_name: string }[] }>('GET', '/venues')
    const incident = await duty.call<{ id: string }>('POST', '/incidents', INCIDENT)
    consultation = await duty.call<Conference>('POST', `/incidents/${incident.id}/consultation`, {
      venue_ids: [venues.find((one) => one.short_name === '南关')!.id],
      expert_ids: [experts[0]!.id],
    })
  })
  afterAll(async () => {
    await city.end()
  })

  it('the convener makes a link and sees the message to send', async () => {
    await duty.open(`/conferences/${consultation.id}/console`)
    await duty.page.locator('[data-link=none] [data-key=make]').click()
    await duty.page.locator('[data-message]').waitFor()
    await duty.page.waitForTimeout(400)
    await duty.screenshot('invited-message')
    expect(await duty.barriers()).toEqual([])
  })

  it('the link opens on a telephone without an account: named, silent, seeing the main venue', async () => {
    const url = await message()
    expert = await city.arrive('duty', { colour: 'green', pitch_hz: 150 }, PHONE)
    await expert.page.goto(url)
    await expert.page.locator('[data-key=join]').waitFor()
    await expert.screenshot('invited-door')
    expect(await expert.barriers()).toEqual([])
    await expert.page.locator('[data-key=join]').click()
    await duty.until('the expert is in', async () => (await seat())?.connection.state === 'joined', 30_000)
    const row = (await seat())!
    expect(row.name).toBe(consultation.people[0]!.name)
    expect(row.mic).toEqual({ closed: true, by: 'self' })
    await expert.until('decodes the main venue', async () => (await expert.reception()).frames.some((frames) => frames > 20), 60_000)
    await main.until('decodes the expert', async () => (await main.reception()).frames.some((frames) => frames > 20), 60_000)
    await expert.screenshot('invited-phone')
    expect(await expert.barriers()).toEqual([])
  })

  it('the expert opens the microphone and is heard', async () => {
    await expert.page.locator('[data-key=mic]').click()
    await duty.until('open', async () => (await seat())?.mic.closed === false)
    const before = (await main.reception()).audio_packets
    await main.until('the expert is heard', async () => (await main.reception()).audio_packets > before + 20, 30_000)
  })

  it('a second telephone is refused, the first one comes back after a reload', async () => {
    const other = await city.arrive('duty', undefined, PHONE)
    await other.page.goto(expert.page.url())
    await other.page.locator('[data-key=join]').click()
    await other.sees(/只能使用一次/)
    await other.screenshot('invited-used')
    await expert.page.reload()
    await expert.page.locator('[data-key=join]').click()
    await expert.until('is back', async () => (await expert.reception()).frames.some((frames) => frames > 20), 60_000)
    expect((await seat())?.mic.closed).toBe(false)
  })

  it('revoking the link takes the expert out', async () => {
    await duty.page.keyboard.press('Escape')
    await duty.page.locator('[data-link=used] [data-key=revoke]').click()
    await duty.page.locator('.el-dialog:visible .el-button--danger').click()
    await duty.until('hung up', async () => (await seat())?.connection.state === 'hung_up')
    await expert.sees(/撤销|挂断/)
    await duty.screenshot('invited-console')
    for (const person of [duty, main, expert]) expect(person.crashes).toEqual([])
  })
})
