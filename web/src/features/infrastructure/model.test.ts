import { describe, expect, it } from 'vitest'
import { distanceText, facts, kindName, type Asset, type Kind } from './model'

const KINDS: Kind[] = [
  { code: 'shelter', zh: '应急避难场所', en: 'Shelter', helps: true, fields: [
    { name: 'capacity', zh: '容纳人数', en: 'Capacity', value: 'count', required: true },
    { name: 'opened', zh: '已开放', en: 'Opened', value: 'yes_no', required: false },
  ] },
]

describe('assets', () => {
  it('have the names of their kind in both languages', () => {
    expect(kindName(KINDS, 'shelter', 'zh')).toBe('应急避难场所')
    expect(kindName(KINDS, 'unknown', 'en')).toBe('unknown')
  })
  it('tell their values in the order of the kind', () => {
    const asset = { kind: 'shelter', details: { opened: true, capacity: 5000 } } as unknown as Asset
    expect(facts(KINDS, asset, 'zh', { yes: '是', no: '否' })).toEqual([
      { label: '容纳人数', value: '5,000' },
      { label: '已开放', value: '是' },
    ])
  })
  it('tell distances as exactly as anybody can act on', () => {
    expect([distanceText(0), distanceText(137), distanceText(12_345)]).toEqual(['0 m', '140 m', '12.3 km'])
  })
})
