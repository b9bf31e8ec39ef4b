import { expect, test } from 'vitest'
import { draftOf, levelOf, lines, type Branch, type Venue } from './model'

const venue = (id: string, name: string, division: string): Venue => ({ id, name, short_name: name, division, level: levelOf(division), kind: 'av', remote_open_ok: true, answer_rule: 'when_free', version: 3 })
const city: Branch = {
  division: '2201',
  venues: [venue('a', '市委主会场', '2201')],
  children: [
    { division: '220102', venues: [venue('b', '南关区分会场', '220102')], children: [] },
    { division: '220182', venues: [], children: [{ division: '220182001', venues: [venue('c', '五棵树镇', '220182001')], children: [] }] },
  ],
}

test('a division stands above its venues, and they above the divisions below', () => {
  expect(lines([city]).map((line) => [line.key, line.depth, line.count])).toEqual([
    ['division:2201', 0, 3], ['a', 1, 1],
    ['division:220102', 1, 1], ['b', 2, 1],
    ['division:220182', 1, 1], ['division:220182001', 2, 1], ['c', 3, 1],
  ])
})

test('a search keeps the way down to what fits', () => {
  expect(lines([city], '五棵树').map((line) => line.key)).toEqual(['division:2201', 'division:220182', 'division:220182001', 'c'])
  expect(lines([city], '没有这个')).toEqual([])
})

test('a change carries the version it is based on, a new venue the id that makes a retry harmless', () => {
  expect(draftOf(venue('b', '南关', '220102'), 'x', '')).toMatchObject({ name: '南关', version: 3 })
  expect(draftOf(null, 'x', '220102')).toMatchObject({ id: 'x', division: '220102', level: 'county' })
})
