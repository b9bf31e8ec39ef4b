// The three administrators at their pages.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { City, LAPTOP } from './driver'
import { totp } from './totp'

describe('the administrators', () => {
  let city: City
  beforeAll(async () => {
    city = await City.start()
  })
  afterAll(async () => {
    await city.end()
  })

  it('let in who is locked out, with a reason that the audit shows in words', async () => {
    const stranger = await city.arrive('planner')
    await stranger.page.goto(city.server.origin)
    for (let n = 0; n < 5; n += 1) {
      await stranger.page.locator('input[name=login]').fill('planner')
      await stranger.page.locator('input[name=password]').fill(`not the password ${n}`)
      await stranger.page.locator('button[type=submit]').click()
      await stranger.page.getByRole('alert').first().waitFor()
      await stranger.page.reload()
    }
    await stranger.leave()

    const system = await city.arrive('sysadmin', undefined, LAPTOP)
    await system.signIn()
    await system.page.getByRole('link', { name: '锁定' }).click()
    await system.sees('该账号在此终端')
    await system.screenshot('admin-locks')
    expect(await system.barriers()).toEqual([])
    await system.page.getByRole('button', { name: '解除锁定: planner' }).click()
    const dialog = system.page.getByRole('dialog')
    await dialog.getByRole('textbox', { name: '原因' }).fill('本人电话核实')
    await dialog.getByRole('button', { name: '解除锁定' }).click()
    await system.sees('当前没有锁定的账号')
    await system.leave()

    const auditor = await city.arrive('auditadmin', undefined, LAPTOP)
    await auditor.signIn()
    await auditor.sees('解除锁定')
    await auditor.sees(/本人电话核实/)
    const kinds = await auditor.page.locator('tbody tr td:nth-child(4)').allTextContents()
    expect(kinds.length).toBeGreaterThan(5)
    expect(kinds.filter((kind) => /[a-z]+\.[a-z_]+/.test(kind))).toEqual([])
    await auditor.leave()
  })

  it('a reset second factor is enrolled anew from a picture drawn in the page', async () => {
    const security = await city.arrive('secadmin')
    await security.signIn()
    const { items } = await security.call<{ items: { id: string; login: string }[] }>('GET', '/accounts?q=auditadmin')
    await security.call('POST', `/accounts/${items[0]!.id}/reset-totp`)
    await security.leave()

    const auditor = await city.arrive('auditadmin', undefined, LAPTOP)
    const { page } = auditor
    await page.goto(city.server.origin)
    await page.locator('input[name=login]').fill(auditor.access.login)
    await page.locator('input[name=password]').fill(auditor.access.password)
    await page.locator('button[type=submit]').click()
    await page.getByRole('img', { name: '动态口令二维码' }).waitFor()
    await auditor.screenshot('admin-totp')
    expect(await auditor.barriers()).toEqual([])
    const secret = (await page.locator('[data-test=secret]').textContent())!.replaceAll(/\s/g, '')
    await page.locator('input[name=totp]').fill(totp(secret))
    await page.locator('button[type=submit]').click()
    await page.waitForURL((url) => url.pathname === '/audit')
    await auditor.leave()
  })
})
