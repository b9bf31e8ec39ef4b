// Who is logged in: the answer of GET /session, and which home a role has.
import type { Wire } from '@/api/types'

export const ROLES = [
  'leader',
  'duty_officer',
  'dispatcher',
  'operator',
  'planner',
  'venue',
  'system_admin',
  'security_admin',
  'audit_admin',
] as const
export type Role = Wire<'Role'>
export type Account = Wire<'CurrentSession'>

/** The page of what is owed: a new password, a second factor; null when nothing is. */
export function dutyOf(account: Pick<Account, 'stage'>): 'my-password' | 'my-totp' | null {
  if (account.stage === 'change_password') return 'my-password'
  return account.stage === 'enrol_totp' ? 'my-totp' : null
}

/** Route names of the first screens, in the order in which a person with several roles gets one. */
const HOMES: readonly [Role, string][] = [
  ['venue', 'terminal'],
  ['leader', 'home-leader'],
  ['duty_officer', 'home-duty'],
  ['dispatcher', 'home-dispatch'],
  ['operator', 'conferences'],
  ['planner', 'home-planner'],
  ['planner', 'experts'],
  ['system_admin', 'admin-system'],
  ['security_admin', 'accounts'],
  ['audit_admin', 'audit'],
]

/** Name of the first screen for these roles, among the routes that exist; null when there is none. */
export function homeOf(roles: readonly Role[], exists: (name: string) => boolean): string | null {
  return HOMES.find(([role, name]) => roles.includes(role) && exists(name))?.[1] ?? null
}
