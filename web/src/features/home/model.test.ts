import { expect, test } from 'vitest'
import { countByLevel, gravestFirst, present, unconfirmed, venueStates, type IncidentRow, type MeetingRow } from './model'

const incident = (id: string, over: Partial<IncidentRow> = {}): IncidentRow => ({
  id, number: id, title: id, category: 'natural', level: null, status: 'reported', division: '2201', place_text: '',
  exercise: false, occurred_at: null, received_at: 0, updated_at: 0, ...over,
})
const meeting = (phase: MeetingRow['phase'], states: Record<string, MeetingRow['roster'][number]['connection']['state']>): MeetingRow => ({
  id: 'm', title: 'm', kind: 'meeting', phase, incident_id: null, started_at: null, created_at: 0,
  roster: Object.entries(states).map(([venue_id, state]) => ({ venue_id, name: venue_id, short_name: venue_id, connection: { state, since_at: null, attempt: 0, reason: null } })),
})

test('every open incident is counted once, also without a level', () => {
  expect(countByLevel([incident('a', { level: 'I' }), incident('b'), incident('c', { level: 'I' })])).toEqual({ I: 2, II: 0, III: 0, IV: 0, none: 1 })
})

test('the gravest stands first, then the newest', () => {
  const rows = [incident('none', { received_at: 9 }), incident('iv', { level: 'IV' }), incident('i-old', { level: 'I' }), incident('i-new', { level: 'I', received_at: 5 })]
  expect(gravestFirst(rows).map((row) => row.id)).toEqual(['i-new', 'i-old', 'iv', 'none'])
})

test('what nobody has confirmed is listed newest first', () => {
  const rows = [incident('a'), incident('b', { status: 'responding' }), incident('c', { status: 'verifying', received_at: 2 })]
  expect(unconfirmed(rows).map((row) => row.id)).toEqual(['c', 'a'])
})

test('a venue that is in one running meeting is in, whatever another says', () => {
  const states = venueStates([meeting('running', { a: 'failed', b: 'ringing' }), meeting('running', { a: 'joined' }), meeting('ended', { c: 'joined' })])
  expect([...states]).toEqual([['a', 'joined'], ['b', 'calling']])
  expect([...venueStates([meeting('running', { d: 'failed', e: 'reconnecting' })])]).toEqual([['d', 'absent'], ['e', 'trouble']])
  expect(present(meeting('running', { a: 'joined', b: 'left' }))).toEqual({ joined: 1, all: 2 })
})
