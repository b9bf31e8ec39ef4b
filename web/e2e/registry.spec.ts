// From two lists of a planner to a ringing consultation: what stands around an incident, who fits, and who is called.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { City, LAPTOP, type Person } from './driver'

/** Nobody and nothing in these lists exists. */
const EXPERTS = `编号,姓名,出生年,工作单位,职称,应急类别,学科代码,学科名称,行政区划,手机,特长,是否在岗
CS1,测试危化一,1969,示例化工院（虚构）,教授级高级工程师,事故灾难,53024,化学反应工程,220102,10048743364,危险化学品 化工 应急,是
CS2,测试坏行,19七八,示例公司（虚构）,,事故灾难,530,化学工程,220102,10093925558,化工,是
`
const ASSETS = `编号,名称,类别,经度,纬度,行政区划
CS-A1,测试医院,hospital,125.3460,43.8460,220102
CS-A2,测试油库,hazard,125.3440,43.8440,220102
CS-A3,测试坏行,hospital,1253.0,43.8,220102
`
const INCIDENT = { title: '演示危化品泄漏', category: 'accident.work_safety.hazmat', division: '220102', place_text: '南关区演示路口', lon: 125.345, lat: 43.845 }

/** Chooses the file in the open dialog, looks at the preview, and imports the good lines only. */
async function importList(planner: Person, path: string, name: string, text: string, declare?: () => Promise<void>): Promise<string> {
  const { page } = planner
  const file = join(planner.city.server.dir, name)
  await writeFile(file, text)
  await planner.open(path)
  await page.getByRole('button', { name: /导入/ }).first().click()
  const dialog = page.getByRole('dialog')
  await dialog.locator('[data-test=import-file]').setInputFiles(file)
  await declare?.()
  await dialog.getByRole('button', { name: '预览' }).click()
  await dialog.getByText('有错误行').waitFor()
  const named = await dialog.locator('.el-table__body tr').allInnerTexts()
  expect(named).toHaveLength(1)
  await planner.screenshot(`registry-${name}`)
  await dialog.getByText('略过错误行').click()
  await dialog.getByRole('button', { name: '导入', exact: true }).click()
  await dialog.getByText('已导入').waitFor()
  return named[0]!.replaceAll(/\s+/g, ' ')
}

describe('the registers and an incident', () => {
  let city: City
  let planner: Person
  let duty: Person
  let incident = ''

  beforeAll(async () => {
    city = await City.start()
    planner = await city.arrive('planner')
    duty = await city.arrive('duty')
    for (const person of [planner, duty]) await person.signIn()
  })
  afterAll(async () => {
    await city?.end()
  })

  it('a wrong line among experts is named with its number and the reason', async () => {
    const named = await importList(planner, '/experts', 'experts.csv', EXPERTS)
    expect(named).toMatch(/^3 .*19七八 \S+/)
    const { items } = await planner.call<{ items: { name: string }[] }>('GET', `/experts?q=${encodeURIComponent('测试')}`)
    const names = items.map((expert) => expert.name)
    expect(names).toContain('测试危化一')
    expect(names).not.toContain('测试坏行')
  })

  it('a wrong line among assets is named with its number and the reason', async () => {
    const { page } = planner
    const named = await importList(planner, '/assets', 'assets.csv', ASSETS, async () => {
      await page.getByRole('dialog').locator('.el-select').first().click()
      await page.locator('.el-select-dropdown:visible .el-select-dropdown__item').first().click()
    })
    expect(named).toMatch(/^4 .*1253\S* \S+/)
    await page.keyboard.press('Escape')
    const { items } = await planner.call<{ items: { name: string }[] }>('GET', `/assets?q=${encodeURIComponent('测试')}`)
    expect(items.map((asset) => asset.name).toSorted()).toEqual(['测试医院', '测试油库'].toSorted())
  })

  it('the incident page shows what is inside the circle, in the list and on the map', async () => {
    const { page } = duty
    incident = (await duty.call<{ id: string }>('POST', '/incidents', INCIDENT)).id
    await duty.open(`/incidents/${incident}`)
    const row = page.locator('[data-asset]').filter({ hasText: '测试医院' })
    await row.waitFor()
    expect(await row.innerText()).toMatch(/\d+ m$/)
    await page.locator('[data-test=surroundings-map] canvas').waitFor()
    await page.locator('[data-asset]').filter({ hasText: '测试油库' }).waitFor()
    await page.waitForLoadState('networkidle')
    await duty.screenshot('registry-incident')
  })

  it('a mark under the pointer says its name and distance, and a click chooses it in the list', async () => {
    const { page } = duty
    // In the smallest circle the marks stand apart.
    await page.locator('[data-field=radius]').click()
    await page.locator('.el-select-dropdown:visible .el-select-dropdown__item').first().click()
    await page.getByText('500 m 以内').waitFor()
    const box = (await page.locator('[data-test=surroundings-map]').boundingBox())!
    // The hospital lies north-east of the incident, which stands in the middle of the circle.
    const found = await duty.until('finds the hospital on the map', async () => {
      for (let step = 8; step < 120; step += 6) {
        for (const slope of [1, 1.2, 1.4, 1.6]) {
          const [x, y] = [box.x + box.width / 2 + step, box.y + box.height / 2 - step * slope]
          await page.mouse.move(x, y)
          await page.waitForTimeout(20)
          if (await page.locator('[data-test=map-tip]').count()) return { x, y }
        }
      }
      return null
    }, 40_000)
    expect(await page.locator('[data-test=map-tip]').innerText()).toMatch(/测试医院[\s\S]*\d+ m/)
    await page.mouse.click(found.x, found.y)
    await page.locator('[data-asset].chosen').filter({ hasText: '测试医院' }).waitFor()
    await duty.screenshot('registry-chosen')
  })

  it('the expert who fits stands there with the reasons', async () => {
    const { page } = duty
    const line = page.locator('li').filter({ has: page.getByText('测试危化一') })
    await line.waitFor()
    expect(await line.locator('.reasons').innerText()).toMatch(/学科.*\+\d+/)
    await line.locator('.el-checkbox').click()
    await page.setViewportSize(LAPTOP)
    await duty.screenshot('registry-incident-laptop')
    expect(await duty.barriers()).toEqual([])
  })

  it('one press opens the consultation, and venues are called', async () => {
    const { page } = duty
    await page.locator('[data-action=consult]').click()
    await page.getByRole('dialog').getByText('南关区分会场').first().waitFor()
    await page.locator('[data-action=open-consultation]').click()
    await page.waitForURL(/\/conferences\/[^/]+\/console/)
    const id = /conferences\/([^/]+)/.exec(page.url())![1]
    interface Row {
      name: string
      connection: { state: string }
    }
    const { roster } = await duty.call<{ roster: Row[] }>('GET', `/conferences/${id}`)
    expect(roster.some((row) => ['calling', 'ringing'].includes(row.connection.state))).toBe(true)
    await duty.screenshot('registry-consultation')
  })

  it('no page has broken', () => {
    for (const person of [planner, duty]) expect(person.crashes).toEqual([])
  })
})
