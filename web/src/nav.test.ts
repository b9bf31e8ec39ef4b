import { expect, test } from 'vitest'
import type { RouteRecordNormalized } from 'vue-router'
import { mayOpen, visibleNav } from './nav'

const route = (name: string, meta: object) => ({ name, meta }) as unknown as RouteRecordNormalized
const place = (order: number) => ({ order, icon: {}, label: () => '' })

test('a page without roles is open to everybody logged in', () => {
  expect(mayOpen(undefined, [])).toBe(true)
  expect(mayOpen(['planner'], ['leader'])).toBe(false)
  expect(mayOpen(['planner', 'leader'], ['leader'])).toBe(true)
})

test('the rail shows only what the account may open, in order', () => {
  const routes = [
    route('b', { nav: place(2) }),
    route('secret', { nav: place(0), roles: ['audit_admin'] }),
    route('a', { nav: place(1), roles: ['leader'] }),
    route('linked-only', {}),
  ]
  expect(visibleNav(routes, ['leader']).map((item) => item.name)).toEqual(['a', 'b'])
})
