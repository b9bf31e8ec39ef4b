// Everybody gets in, sees his own first screen in the size he has, and can use it without a mouse or eyes.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { City, LAPTOP, WIDE } from './driver'

const LOGINS = ['leader', 'duty', 'dispatch', 'operator', 'planner', 'venue.yushu', 'sysadmin', 'secadmin', 'auditadmin']

describe('the door', () => {
  let city: City
  beforeAll(async () => {
    city = await City.start()
  })
  afterAll(async () => {
    await city.end()
  })

  it.each(LOGINS)('%s signs in and stands before a page of his own', async (login) => {
    const person = await city.arrive(login, login.startsWith('venue') ? { colour: 'green', pitch_hz: 140 } : undefined)
    await person.signIn()
    expect(new URL(person.page.url()).pathname).not.toMatch(/^\/(login|setup|nothing)/)
    await person.page.locator('main, [role=main]').first().waitFor()
    for (const [word, size] of [['1080', WIDE], ['768', LAPTOP]] as const) {
      await person.page.setViewportSize(size)
      await person.screenshot(`${login}-${word}`)
    }
    expect(await person.barriers()).toEqual([])
    expect(person.crashes).toEqual([])
    await person.leave()
  })

  it('a wrong password is refused with the same words as a wrong name', async () => {
    const person = await city.arrive('leader')
    const { page } = person
    await page.goto(city.server.origin)
    const answers: (string | null)[] = []
    for (const login of ['leader', 'nobody.at.all']) {
      await page.locator('input[name=login]').fill(login)
      await page.locator('input[name=password]').fill('not-the-password-of-anyone')
      await page.locator('button[type=submit]').click()
      await page.getByRole('alert').first().waitFor()
      answers.push(await page.getByRole('alert').first().getAttribute('data-code'))
      await page.reload()
    }
    expect(answers[0]).toBe(answers[1])
    expect(answers[0]).toMatch(/^identity\./)
    await person.leave()
  })
})
