// Experts as the server tells them; pure.

export const GROUPS = ['general', 'natural', 'accident', 'health', 'security'] as const
export type Group = (typeof GROUPS)[number]
export type Availability = 'available' | 'consulting' | 'on_leave'

export interface Contact {
  kind: string
  value: string
  hours: string
}

export interface Expert {
  id: string
  name: string
  sex: string
  birth_year: number | null
  org: string
  title: string
  groups: Group[]
  subjects: { code: string; name: string }[]
  specialty: string
  division: string
  contacts: Contact[]
  contacts_masked: boolean
  video_capable: boolean
  avoid_orgs: string[]
  state: 'listed' | 'suspended' | 'removed'
  availability: Availability
  source: string
  source_id: string
  updated_at: number
  version: number
}

/** Availability as a tone of the pill. */
export function toneOf(availability: Availability): 'ok' | 'warn' | 'quiet' {
  if (availability === 'available') return 'ok'
  return availability === 'consulting' ? 'warn' : 'quiet'
}

/** Subjects in one line, the way lists print them. */
export function subjectsLine(expert: Pick<Expert, 'subjects'>): string {
  return expert.subjects.map((subject) => subject.name || subject.code).join('、')
}
