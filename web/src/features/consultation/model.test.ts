import { expect, it } from 'vitest'
import type { Near } from '@/features/infrastructure/model'
import { byKind, pointsText, ringing, toggled } from './model'

const near = (name: string, kind: string, distance_m: number) => ({ name, kind, distance_m }) as Near

it('the kind that is nearest stands first, and in it the nearest', () => {
  const groups = byKind([near('远院', 'hospital', 900), near('场馆', 'shelter', 300), near('近院', 'hospital', 200)])
  expect(groups.map((group) => [group.kind, ...group.items.map((item) => item.name)])).toEqual([
    ['hospital', '近院', '远院'],
    ['shelter', '场馆'],
  ])
})

it('points taken off carry a minus', () => {
  expect([pointsText(40), pointsText(-25), pointsText(2.44)]).toEqual(['+40', '−25', '+2.4'])
})

it('a second press takes the choice back', () => {
  expect(toggled(toggled(['a'], 'b'), 'a')).toEqual(['b'])
})

it('the main venue leads and nobody is rung twice', () => {
  expect(ringing('b', ['a', 'b', 'c'])).toEqual(['b', 'a', 'c'])
  expect(ringing('', ['a'])).toEqual(['a'])
})
