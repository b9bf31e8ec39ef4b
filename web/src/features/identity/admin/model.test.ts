import { expect, test } from 'vitest'
import { combinable, lockRows, stateOf, type AccountRow, type Lock } from './model'

const row: AccountRow = {
  id: 'a', kind: 'person', login: 'li', name: '李', roles: ['leader'], division: '2201', venue_id: null,
  must_change_password: false, totp_enrolled: false, disabled_at: null, created_at: 0, version: 1,
}

test('the gravest thing about an account is what is shown', () => {
  expect(stateOf(row)).toBe('active')
  expect(stateOf({ ...row, roles: ['audit_admin'] })).toBe('no_totp')
  expect(stateOf({ ...row, roles: ['audit_admin'], totp_enrolled: true })).toBe('active')
  expect(stateOf({ ...row, must_change_password: true })).toBe('first_password')
  expect(stateOf({ ...row, roles: [], must_change_password: true })).toBe('no_role')
  expect(stateOf({ ...row, roles: [], disabled_at: 1 })).toBe('disabled')
})

test('an administrator has no other role', () => {
  expect(combinable([], 'system_admin')).toBe(true)
  expect(combinable(['leader'], 'planner')).toBe(true)
  expect(combinable(['leader'], 'system_admin')).toBe(false)
  expect(combinable(['system_admin'], 'leader')).toBe(false)
  expect(combinable(['system_admin'], 'system_admin')).toBe(true)
})

test('locks of persons stand before locks of desks', () => {
  const lock = (scope: Lock['scope'], id: string | null, source: string | null, locked_until: number): Lock => ({
    scope, source, failures: 5, last_failure_at: 0, locked_until,
    account: id === null ? null : ({ id } as Lock['account']),
  })
  const rows = lockRows([lock('source', null, '10.0.0.1', 9), lock('account_at_source', 'a', '10.0.0.1', 3), lock('account', 'b', null, 5)])
  expect(rows.map((row) => row.key)).toEqual(['account/b/', 'account_at_source/a/10.0.0.1', 'source//10.0.0.1'])
})
