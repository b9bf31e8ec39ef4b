// Experts as the server tells them; pure.
import type { Wire } from '@/api/types'

export const GROUPS = ['general', 'natural', 'accident', 'health', 'security'] as const
export type Group = Wire<'Group'>
export type Availability = Wire<'Availability'>
export type Contact = Wire<'ExpertContact'>
export type Expert = Wire<'ExpertSeen'>

/** Availability as a tone of the pill. */
export function toneOf(availability: Availability): 'ok' | 'warn' | 'quiet' {
  if (availability === 'available') return 'ok'
  return availability === 'consulting' ? 'warn' : 'quiet'
}

/** Subjects in one line, the way lists print them. */
export function subjectsLine(expert: Pick<Expert, 'subjects'>): string {
  return expert.subjects.map((subject) => subject.name || subject.code).join('、')
}
