// The registry of venues as the page shows it: divisions with their venues, one line each, in the order of the tree; pure.
import type { Wire } from '@/api/types'

export type Venue = Wire<'Venue'>
export type Branch = Wire<'DivisionVenues'>
export type Draft = Wire<'VenueDraft'>
export const LEVELS = ['city', 'county', 'town'] as const satisfies readonly Venue['level'][]
export const KINDS = ['av', 'audio_only', 'listen_only', 'source'] as const satisfies readonly Venue['kind'][]

export const ANSWER_RULES = ['always', 'when_free', 'never'] as const satisfies readonly Venue['answer_rule'][]

/** A division with its count, or one venue under it. */
export interface Line {
  key: string
  depth: number
  division: string
  /** Venues of this division and everything under it; of a venue's line 1. */
  count: number
  venue: Venue | null
}

/** The tree as lines; of a search only venues whose names have the words, and the divisions above them. */
export function lines(branches: readonly Branch[], words = '', depth = 0): Line[] {
  const typed = words.trim().toLowerCase()
  return branches.flatMap((branch) => {
    const fits = (venue: Venue) => !typed || `${venue.name} ${venue.short_name}`.toLowerCase().includes(typed)
    const own = branch.venues.filter(fits).map((venue): Line => ({ key: venue.id, depth: depth + 1, division: branch.division, count: 1, venue }))
    const below = lines(branch.children, words, depth + 1)
    const count = [...own, ...below].filter((line) => line.venue).length
    if (count === 0) return []
    return [{ key: `division:${branch.division}`, depth, division: branch.division, count, venue: null }, ...own, ...below]
  })
}

/** What a division's venues usually are: four digits a city, six a county, more a town. */
export function levelOf(division: string): Venue['level'] {
  if (division.length <= 4) return 'city'
  return division.length <= 6 ? 'county' : 'town'
}

export function draftOf(venue: Venue | null, id: string, division: string): Draft {
  if (!venue) return { id, name: '', short_name: '', division, level: levelOf(division), kind: 'av', remote_open_ok: true, answer_rule: 'always' }
  const { name, short_name, level, kind, remote_open_ok, answer_rule, version } = venue
  return { name, short_name, division: venue.division, level, kind, remote_open_ok, answer_rule, version }
}
