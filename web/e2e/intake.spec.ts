// A call is taken down with few keys and no mouse; what an input method composes is never taken for a command.
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { City, type Person } from './driver'

/** Keys besides the free text (place, what happened, number of the phone) that one report may cost. */
const KEYS_MAX = 25

interface Incident {
  id: string
  title: string
  category: string
  level: string | null
  place_text: string
  description: string
}

/** A keyboard that counts: `press` is an action, `write` is free text. */
class Keyboard {
  actions = 0
  constructor(private readonly person: Person) {}

  async press(...keys: string[]): Promise<void> {
    for (const key of keys) {
      this.actions += 1
      await this.person.page.keyboard.press(key)
    }
  }

  /** As an input method hands over what was composed. */
  async write(text: string): Promise<void> {
    await this.person.page.keyboard.insertText(text)
  }
}

/** A real call of the demonstration's slice: what the caller's desk wrote down. */
async function realCall(): Promise<{ title: string; place: string; text: string }> {
  const lines = (await readFile(resolve(import.meta.dirname, '../../demo/calls_911_slice.csv'), 'utf8')).split('\n')
  const names = lines[0]!.trim().split(',')
  const row = lines.slice(1).find((line) => line.includes('Fire: ') && !line.includes('"'))!.trim().split(',')
  const of = (name: string) => row[names.findIndex((each) => each === name)] ?? ''
  return { title: of('title'), place: of('addr'), text: of('desc') }
}

describe('intake', () => {
  let city: City
  let duty: Person
  beforeAll(async () => {
    city = await City.start()
    duty = await city.arrive('duty')
    await duty.signIn()
    // From here on the mouse is away: a click of any kind is a failure.
    await duty.page.addInitScript(() => addEventListener('pointerdown', () => Object.assign(window, { touched: true }), true))
    await duty.page.reload()
    await duty.sees('实时')
  })
  afterAll(async () => {
    await city.end()
  })

  it('takes a real call with at most 25 keys besides the free text, and never the mouse', async () => {
    const call = await realCall()
    expect(call.place, 'a place in the slice').not.toBe('')
    const keys = new Keyboard(duty)
    await keys.press('F2')
    await duty.page.locator('#report-place_text:focus').waitFor()
    await keys.write(call.place)
    await keys.press('Tab')
    await keys.write('火灾')
    await keys.press('Tab', '4')
    await keys.press('Alt+5')
    await keys.write('13800000000')
    await keys.press('Alt+7')
    await keys.write(`${call.title} ${call.text}`)
    await keys.press('Alt+9', '1')
    await keys.press('Control+Enter')
    await duty.page.waitForURL((url) => /\/incidents\/[0-9a-f-]{36}$/.test(url.pathname))
    console.log(`${keys.actions} keys besides the free text`)
    expect(keys.actions).toBeLessThanOrEqual(KEYS_MAX)
    expect(await duty.page.evaluate(() => 'touched' in window)).toBe(false)

    const { items } = await duty.call<{ items: Incident[] }>('GET', '/incidents?limit=200')
    const made = items.find((incident) => incident.place_text === call.place)
    expect(made).toMatchObject({ category: 'accident.work_safety.fire', level: 'IV' })
    expect(made!.description).toContain(call.title)
    const detail = await duty.call<{ calls: { phone: string }[]; figures: { key: string; value: number }[] }>('GET', `/incidents/${made!.id}`)
    expect(detail.figures.map(({ key, value }) => [key, value])).toEqual([['dead', 1]])
    expect(detail.calls).toHaveLength(1)
  })

  it('what an input method composes is no command', async () => {
    await duty.open('/')
    await duty.sees('实时')
    await duty.page.keyboard.press('F2')
    const place = duty.page.locator('#report-place_text')
    await duty.page.locator('#report-place_text:focus').waitFor()
    const line = await duty.context.newCDPSession(duty.page)
    await line.send('Input.imeSetComposition', { text: 'nanguan', selectionStart: 7, selectionEnd: 7 })
    // While it composes, keys belong to the input method: the browser says so by `isComposing` and key code 229.
    // Obeyed, the first would send the form and the second jump to the telephone number.
    for (const [key, code, modifiers] of [['Enter', 'Enter', 2], ['5', 'Digit5', 1]] as const) {
      await line.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', key, code, modifiers, windowsVirtualKeyCode: 229 })
    }
    expect(await place.evaluate((field) => field === document.activeElement)).toBe(true)
    await line.send('Input.insertText', { text: '南关区' })
    expect(await place.inputValue()).toBe('南关区')
    await duty.page.keyboard.press('Enter')
    // Enter alone does not send half a report; the same key as above, no longer composed, is obeyed.
    expect(new URL(duty.page.url()).pathname).toBe('/incidents/report')
    await duty.page.keyboard.press('Alt+5')
    expect(await duty.page.locator('#report-phone').evaluate((field) => field === document.activeElement)).toBe(true)
    expect(duty.crashes).toEqual([])
  })
})
