import { expect, test } from 'vitest'
import { dutyOf, homeOf } from './model'

const all = () => true

test('a venue terminal goes to its terminal whatever else it may do', () => {
  expect(homeOf(['leader', 'venue'], all)).toBe('terminal')
})

test('each administrator has an own page', () => {
  expect(homeOf(['system_admin'], all)).toBe('admin-system')
  expect(homeOf(['security_admin'], all)).toBe('accounts')
  expect(homeOf(['audit_admin'], all)).toBe('audit')
})

test('a home that does not exist is skipped for the next role', () => {
  expect(homeOf(['leader', 'planner'], (name) => name !== 'home-leader')).toBe('home-planner')
  expect(homeOf([], all)).toBeNull()
})

test('a session that owes something is led to it', () => {
  expect(dutyOf({ stage: 'change_password' })).toBe('my-password')
  expect(dutyOf({ stage: 'enrol_totp' })).toBe('my-totp')
  expect(dutyOf({ stage: 'full' })).toBeNull()
})
