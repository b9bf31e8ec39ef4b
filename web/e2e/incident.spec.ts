// A report in one browser is on the map of another within a second, before and after the server loses its power.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { City, type Person } from './driver'

interface Incident {
  id: string
  title: string
}

describe('an incident', () => {
  let city: City
  let dispatcher: Person
  let leader: Person

  beforeAll(async () => {
    city = await City.start()
    dispatcher = await city.arrive('dispatch')
    leader = await city.arrive('leader')
    await dispatcher.signIn()
    await leader.signIn()
    await leader.sees('实时')
    await dispatcher.sees('实时')
  })
  afterAll(async () => {
    await city.end()
  })

  const report = (title: string, id?: string) =>
    dispatcher.call<Incident>('POST', '/incidents', { id, title, category: 'accident.work_safety.fire', division: '220102', place_text: '南关区演示路口', lon: 125.345, lat: 43.845 })

  it('is on the leader’s map in less than a second', async () => {
    const title = '浏览器测试一号火情'
    await leader.open('/map')
    await leader.page.locator('[data-testid="map-incidents"] li').first().waitFor()
    await leader.page.locator('[data-settled]').waitFor()
    const shown = leader.shows(title)
    const started = Date.now()
    await report(title)
    expect((await shown) - started).toBeLessThan(1_000)
    await leader.open('/')
    await leader.sees(title)
  })

  it('both pages recover from a SIGKILL by themselves, and the incident is there once', async () => {
    const id = crypto.randomUUID()
    const title = '断电前的火情'
    await report(title, id)
    await city.server.kill()
    await leader.page.getByText('实时', { exact: true }).first().waitFor({ state: 'hidden', timeout: 20_000 })
    const start_ms = await city.server.run()
    console.log(`the server answers ${Math.round(start_ms)} ms after its start`)
    await leader.sees('实时', 40_000)
    await dispatcher.sees('实时', 40_000)
    await report(title, id)
    await leader.sees(title)
    const { items } = await leader.call<{ items: Incident[] }>('GET', '/incidents?limit=200')
    expect(items.filter((incident) => incident.id === id)).toHaveLength(1)
    const after = '恢复后的火情'
    await report(after)
    await leader.sees(after, 5_000)
  })

  it('leaves a journal in which every entry is as it was written', () => {
    expect(city.server.verifyJournal()).toMatch(/every one as it was written/)
  })

  it('no page has broken', () => {
    for (const person of [dispatcher, leader]) expect(person.crashes).toEqual([])
  })
})
