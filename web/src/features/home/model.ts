// What first screens show of incidents and meetings; pure.
import type { Wire } from '@/api/types'
import { LEVELS, levelOf, type Level } from '@/ui/level'

/** The part of an incident that a first screen needs. */
export type IncidentRow = Pick<
  Wire<'Incident'>,
  | 'id' | 'number' | 'title' | 'category' | 'level' | 'status' | 'division' | 'place_text'
  | 'exercise' | 'occurred_at' | 'received_at' | 'updated_at'
>

/** Told, and nobody has confirmed or dismissed it yet. */
export const UNCONFIRMED = ['reported', 'verifying'] as const
/** Somebody still has work with it. */
export const OPEN = [...UNCONFIRMED, 'confirmed', 'responding', 'controlled'] as const

export type LevelCounts = Record<Level | 'none', number>

export function countByLevel(rows: readonly IncidentRow[]): LevelCounts {
  const counts: LevelCounts = { I: 0, II: 0, III: 0, IV: 0, none: 0 }
  for (const row of rows) counts[levelOf(row.level) ?? 'none'] += 1
  return counts
}

/** Gravest first, those without a level after IV; within a level the newest report first. */
export function gravestFirst(rows: readonly IncidentRow[]): IncidentRow[] {
  const rank = (row: IncidentRow) => {
    const level = levelOf(row.level)
    return level ? LEVELS.indexOf(level) : LEVELS.length
  }
  return [...rows].sort((a, b) => rank(a) - rank(b) || b.received_at - a.received_at)
}

export function unconfirmed(rows: readonly IncidentRow[]): IncidentRow[] {
  return rows
    .filter((row) => (UNCONFIRMED as readonly string[]).includes(row.status))
    .sort((a, b) => b.received_at - a.received_at)
}

export type MeetingRow = Pick<Wire<'Conference'>, 'id' | 'title' | 'kind' | 'phase' | 'incident_id' | 'started_at' | 'created_at'> & {
  roster: Pick<Wire<'RosterRow'>, 'venue_id' | 'name' | 'short_name' | 'connection'>[]
}

/** How many venues of a meeting are in it. */
export function present(meeting: MeetingRow): { joined: number; all: number } {
  const joined = meeting.roster.filter((row) => row.connection.state === 'joined').length
  return { joined, all: meeting.roster.length }
}

export type VenueState = 'joined' | 'calling' | 'trouble' | 'absent' | 'idle'

/** State of each venue over all running meetings: being in one counts more than trouble in another. */
export function venueStates(meetings: readonly MeetingRow[]): Map<string, VenueState> {
  const weight: Record<VenueState, number> = { idle: 0, absent: 1, trouble: 2, calling: 3, joined: 4 }
  const states = new Map<string, VenueState>()
  for (const meeting of meetings) {
    if (meeting.phase !== 'running') continue
    for (const row of meeting.roster) {
      const state = stateOf(row.connection.state)
      const before = states.get(row.venue_id)
      if (!before || weight[state] > weight[before]) states.set(row.venue_id, state)
    }
  }
  return states
}

function stateOf(connection: string): VenueState {
  if (connection === 'joined') return 'joined'
  if (connection === 'calling' || connection === 'ringing') return 'calling'
  // Nobody answered the call: worth a look, but nothing broke.
  if (connection === 'failed') return 'absent'
  return connection === 'reconnecting' ? 'trouble' : 'idle'
}
