// A consultation calls a terminal that sits in the standing meeting, and one that waits: both ring, come in, and go back.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { City, LAPTOP, type Person } from './driver'

interface Row {
  venue_id: string
  short_name: string
  connection: { state: string; reason: string | null }
}

interface Conference {
  id: string
  title: string
  phase: string
  roster: Row[]
}

const INCIDENT = { title: '演示危化品泄漏', category: 'accident.work_safety.hazmat', division: '220102', place_text: '南关区演示路口', lon: 125.345, lat: 43.845 }

describe('a consultation calls', () => {
  let city: City
  let operator: Person
  let duty: Person
  let district: Person
  let standing: Conference

  const row = async (conference: string, short_name: string) => {
    const now = await operator.call<Conference>('GET', `/conferences/${conference}`)
    return now.roster.find((one) => one.short_name === short_name)!
  }
  const reaches = (conference: string, short_name: string, state: string) =>
    operator.until(`${short_name} is ${state}`, async () => (await row(conference, short_name)).connection.state === state, 40_000)
  const venueOf = (short_name: string) => standing.roster.find((one) => one.short_name === short_name)!.venue_id
  const consult = async (...short_names: string[]) => {
    const incident = await duty.call<{ id: string }>('POST', '/incidents', INCIDENT)
    return duty.call<Conference>('POST', `/incidents/${incident.id}/consultation`, { venue_ids: short_names.map(venueOf) })
  }

  beforeAll(async () => {
    city = await City.start()
    operator = await city.arrive('operator')
    duty = await city.arrive('duty')
    for (const person of [operator, duty]) await person.signIn()
    const { items } = await operator.call<{ items: Conference[] }>('GET', '/conferences')
    standing = items.find((one) => one.phase === 'running')!
    district = await city.arrive('venue.nanguan', { colour: 'blue', pitch_hz: 190 }, LAPTOP)
    await district.signIn()
    await reaches(standing.id, '南关', 'joined')
  })
  afterAll(async () => {
    await city.end()
  })

  it('a venue in the standing meeting rings, is told who calls and why, and comes in by itself', async () => {
    const consultation = await consult('朝阳', '南关')
    await district.page.locator('[role=alertdialog][data-urgency=emergency]').waitFor({ timeout: 40_000 })
    await reaches(consultation.id, '南关', 'ringing')
    expect((await row(standing.id, '南关')).connection.state).toBe('joined')
    await district.sees(/应急会商来电/)
    await district.sees(/南关区演示路口/)
    await district.sees(/秒后自动接听/)
    expect(await district.barriers()).toEqual([])
    await district.screenshot('calling-ringing')

    await reaches(consultation.id, '南关', 'joined')
    expect((await row(standing.id, '南关')).connection.state).toBe('elsewhere')
    await district.sees(consultation.title)
    await district.page.locator('[data-key=back]').waitFor()
    await district.screenshot('calling-in')

    // The main venue of the consultation has no terminal open: it is said so, and never that it rings.
    expect((await row(consultation.id, '朝阳')).connection.state).toBe('calling')

    await operator.call('POST', `/conferences/${consultation.id}/end`)
    await district.page.locator('[data-offer=back]').waitFor({ timeout: 20_000 })
    await district.screenshot('calling-back')
    await district.page.locator('[data-offer=back] [data-key=back]').click()
    await reaches(standing.id, '南关', 'joined')
  })

  it('a person in the room declines, and the venue stays where it is', async () => {
    const consultation = await consult('朝阳', '南关')
    await district.page.locator('[role=alertdialog] [data-key=decline]').click({ timeout: 40_000 })
    await reaches(consultation.id, '南关', 'failed')
    expect((await row(consultation.id, '南关')).connection.reason).toBe('declined')
    expect((await row(standing.id, '南关')).connection.state).toBe('joined')
    await operator.call('POST', `/conferences/${consultation.id}/end`)
  })

  it('a fresh terminal rings until somebody takes the call, and a second time it answers by itself', async () => {
    const id = venueOf('榆树')
    const venue = await operator.call<Record<string, unknown>>('GET', `/venues/${id}`)
    const { id: _, ...draft } = venue
    const asked = await operator.call<{ version: number }>('PUT', `/venues/${id}`, { ...draft, answer_rule: 'never' })
    await operator.call('POST', `/conferences/${standing.id}/hang-up`, { venue_id: id })
    const fresh = await city.arrive('venue.yushu', { colour: 'green', pitch_hz: 150 })
    await fresh.signIn()
    await fresh.sees(/等待会议/)

    const first = await consult('榆树', '南关')
    await fresh.page.locator('[role=alertdialog][data-urgency=emergency]').waitFor({ timeout: 40_000 })
    await reaches(first.id, '榆树', 'ringing')
    await fresh.screenshot('calling-fresh')
    await fresh.page.locator('[role=alertdialog] [data-key=take]').click()
    await reaches(first.id, '榆树', 'joined')
    await fresh.until('connects', () => fresh.page.locator('[data-key=mic]').count(), 30_000)
    await operator.call('POST', `/conferences/${first.id}/end`)

    await operator.call('PUT', `/venues/${id}`, { ...draft, answer_rule: 'always', version: asked.version })
    const second = await consult('榆树')
    await reaches(second.id, '榆树', 'joined')
    for (const person of [operator, duty, district, fresh]) expect(person.crashes).toEqual([])
  })
})
