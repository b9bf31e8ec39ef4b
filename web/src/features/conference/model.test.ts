import { expect, test } from 'vitest'
import { byLevel, grid, type Conference, type Row, strip, type VenueView, wanted } from './model'

function row(over: Partial<Row> = {}): Row {
  return {
    venue_id: 'b',
    name: '榆树市',
    short_name: '榆树',
    division: '220182',
    level: 'county',
    kind: 'av',
    role: 'branch',
    position: 2,
    connection: { state: 'joined', since_at: 0, attempt: 0, reason: null },
    mic: { closed: false, by: null },
    speaker_closed: false,
    remote_open_ok: true,
    ...over,
  }
}

const main = row({ venue_id: 'a', name: '市政府', level: 'city', role: 'main', position: 1 })

function view(over: Partial<VenueView> = {}): VenueView {
  return {
    conference_id: 'c',
    title: '防汛会商',
    phase: 'running',
    version: 1,
    own: row(),
    main,
    picture: 'venue',
    shown: [main],
    on_air: false,
    heard: ['a'],
    slots: [],
    ...over,
  }
}

const well = { broken_at: null, connected: true }
const closed = (by: 'control' | 'self' | 'policy') => view({ own: row({ mic: { closed: true, by } }) })

test('a broken line outranks everything and counts the seconds', () => {
  expect(strip(closed('control'), { broken_at: 1_000, connected: false }, 13_400)).toEqual({ key: 'recovering', tone: 'bad', seconds: 12 })
})

test('each way of being silent has its own words', () => {
  expect(strip(closed('control'), well, 0).key).toBe('closed_by_control')
  expect(strip(closed('policy'), well, 0).key).toBe('closed_by_policy')
  expect(strip(closed('self'), well, 0).key).toBe('off_air')
  expect(strip(view(), well, 0).key).toBe('speaking')
  expect(strip(view({ own: main, on_air: true }), well, 0).key).toBe('on_air')
})

test('a branch without its main venue is told so', () => {
  const gone = row({ ...main, connection: { state: 'reconnecting', since_at: 0, attempt: 1, reason: null } })
  expect(strip(view({ main: gone }), well, 0).key).toBe('waiting_for_main')
})

test('pictures become as large as they can', () => {
  expect(grid(1)).toEqual({ columns: 1, rows: 1 })
  expect(grid(2)).toEqual({ columns: 2, rows: 1 })
  expect(grid(4)).toEqual({ columns: 2, rows: 2 })
  expect(grid(15)).toEqual({ columns: 4, rows: 4 })
  expect(grid(0)).toEqual({ columns: 1, rows: 1 })
})

test('the tree goes from city to town and leaves empty levels out', () => {
  expect(byLevel([row(), main]).map((group) => group.level)).toEqual(['city', 'county'])
})

test('a terminal follows the call and comes back after a break, but not after being hung up', () => {
  const meeting = (state: Row['connection']['state'], reason: Row['connection']['reason'] = null): Conference => ({
    id: state,
    title: '',
    kind: 'meeting',
    division: '2201',
    incident_id: null,
    phase: 'running',
    closed_on_entry: true,
    self_open_ok: false,
    active_main: 'a',
    standby_main: null,
    roster: [main, row({ connection: { state, since_at: null, attempt: 0, reason } })],
    people: [],
    created_at: 0,
    started_at: 0,
    ended_at: null,
    version: 1,
  })
  expect(wanted([meeting('hung_up'), meeting('left'), meeting('calling')], 'b')?.id).toBe('calling')
  expect(wanted([meeting('failed', 'lost')], 'b')?.id).toBe('failed')
  expect(wanted([meeting('failed', 'declined'), meeting('not_called')], 'b')).toBeNull()
})
