import { expect, test } from 'vitest'
import { emptyDraft, matchCategory, mayCallBack, parseMoment, parsePoint, toReport, type Category } from './model'

const categories: Category[] = [
  { slug: 'accident', parent: null, zh: '事故灾难', en: 'Accident', spelling: '事故灾难 shiguzainan sgzn', has_levels: true, system: 'plan' },
  { slug: 'accident.transport', parent: 'accident', zh: '交通运输事故', en: 'Transport accident', spelling: '交通运输事故 jiaotongyunshushigu jtyssg', has_levels: true, system: 'plan' },
  { slug: 'accident.transport.road', parent: 'accident.transport', zh: '道路交通事故', en: 'Road accident', spelling: '道路交通事故 daolujiaotongshigu dljtsg', has_levels: true, system: 'plan' },
  { slug: 'accident.work_safety.fire', parent: 'accident', zh: '火灾', en: 'Fire', spelling: '火灾 huozai hz', has_levels: true, system: 'plan' },
  { slug: 'security.mass', parent: 'security', zh: '群体性事件', en: 'Mass incident', spelling: '群体性事件 quntixingshijian qtxsj', has_levels: false, system: 'plan' },
]

test('the narrowest category that fits is meant', () => {
  expect(matchCategory(categories, '交通')?.slug).toBe('accident.transport')
  expect(matchCategory(categories, '道路')?.slug).toBe('accident.transport.road')
  expect(matchCategory(categories, 'FIRE')?.slug).toBe('accident.work_safety.fire')
  expect(matchCategory(categories, 'hz')?.slug).toBe('accident.work_safety.fire')
  expect(matchCategory(categories, 'DLJT')?.slug).toBe('accident.transport.road')
  expect(matchCategory(categories, 'qunti')?.slug).toBe('security.mass')
  expect(matchCategory(categories, '  ')).toBeNull()
  expect(matchCategory(categories, '外星人')).toBeNull()
})

test('a point is read in any usual spelling, and nonsense is not', () => {
  expect(parsePoint('125.32，43.88')).toEqual({ lon: 125.32, lat: 43.88 })
  expect(parsePoint('')).toBeNull()
  expect(parsePoint('43.88, 195')).toBeUndefined()
  expect(parsePoint('12')).toBeUndefined()
})

test('a clock time is the last such moment in Shanghai', () => {
  const evening = Date.UTC(2026, 10, 22, 12, 0) // 20:00 in Shanghai
  expect(parseMoment('19:30', evening)).toBe(evening - 30 * 60_000)
  expect(parseMoment('2001', evening)).toBe(evening + 60_000 - 86_400_000)
  expect(parseMoment('11-21 20:00', evening)).toBe(evening - 86_400_000)
  expect(parseMoment('25:00', evening)).toBeUndefined()
  expect(parseMoment('', evening)).toBeNull()
})

test('a draft becomes a report, or names the first field that cannot be', () => {
  const draft = { ...emptyDraft(), category: '火灾', place_text: '人民大街', dead: '2', caller: '王先生' }
  expect(toReport(draft, 'x', categories, 0)).toMatchObject({
    body: { category: 'accident.work_safety.fire', figures: [{ key: 'dead', value: 2, source: '王先生' }] },
  })
  expect(toReport({ ...draft, category: '' }, 'x', categories, 0)).toEqual({ wrong: 'category' })
  expect(toReport({ ...draft, serious: '两人' }, 'x', categories, 0)).toEqual({ wrong: 'serious' })
  expect(toReport({ ...draft, category: '群体', level: 'I' }, 'x', categories, 0)).toMatchObject({ body: { level: null } })
})

test('who takes calls may call back, a leader lets call', () => {
  expect([mayCallBack(['dispatcher']), mayCallBack(['leader', 'duty_officer']), mayCallBack(['leader', 'planner'])]).toEqual([true, true, false])
})
