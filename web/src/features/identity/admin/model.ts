// Accounts as the three administrators see them; pure.
import type { Wire } from '@/api/types'
import type { Role } from '@/session/model'

export type AccountRow = Wire<'AccountView'>
export type Lock = Wire<'LockView'>
export type LockRow = Lock & { key: string }
export type SessionRow = Wire<'SessionView'>

export const ADMINISTRATORS: readonly Role[] = ['system_admin', 'security_admin', 'audit_admin']

export type AccountState = 'active' | 'disabled' | 'no_role' | 'first_password' | 'no_totp'

/** What an administrator should notice about an account, the gravest first. */
export function stateOf(row: AccountRow): AccountState {
  if (row.disabled_at !== null) return 'disabled'
  if (row.roles.length === 0) return 'no_role'
  if (row.must_change_password) return 'first_password'
  if (row.roles.some((role) => ADMINISTRATORS.includes(role)) && !row.totp_enrolled) return 'no_totp'
  return 'active'
}

/** Locks with a key each; those of a person before those of a desk, the one that opens last first. */
export function lockRows(locks: readonly Lock[]): LockRow[] {
  return locks
    .map((lock) => ({ ...lock, key: `${lock.scope}/${lock.account?.id ?? ''}/${lock.source ?? ''}` }))
    .sort((a, b) => Number(a.account === null) - Number(b.account === null) || b.locked_until - a.locked_until)
}

/** Roles that may stand together: an administrator's stands alone. */
export function combinable(chosen: readonly Role[], role: Role): boolean {
  if (chosen.length === 0 || chosen.includes(role)) return true
  return !ADMINISTRATORS.includes(role) && !chosen.some((other) => ADMINISTRATORS.includes(other))
}
