// Experts as the server tells them; pure.
import type { Wire } from '@/api/types'
import type { Role } from '@/session/model'

export const GROUPS = ['general', 'natural', 'accident', 'health', 'security'] as const
export type Group = Wire<'Group'>
export type Availability = Wire<'Availability'>
export type Contact = Wire<'ExpertContact'>
export type Expert = Wire<'ExpertSeen'>

/** Whose work is to call experts and the keepers of assets: the server's `ReadExpertContacts` and `ReadAssetContacts`. */
const CALLERS: readonly Role[] = ['duty_officer', 'dispatcher', 'operator', 'planner']
export const mayCall = (roles: readonly Role[]): boolean => CALLERS.some((role) => roles.includes(role))

/** Availability as a tone of the pill. */
export function toneOf(availability: Availability): 'ok' | 'warn' | 'quiet' {
  if (availability === 'available') return 'ok'
  return availability === 'consulting' ? 'warn' : 'quiet'
}

/** Subjects in one line, the way lists print them. */
export function subjectsLine(expert: Pick<Expert, 'subjects'>): string {
  return expert.subjects.map((subject) => subject.name || subject.code).join('、')
}
