import { expect, test } from 'vitest'
import { byLevel, grid, type IncomingCall, type Row, strip, terminalDoes, type VenueCalls, type VenueView } from './model'

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

const call = (over: Partial<IncomingCall> = {}): IncomingCall => ({
  conference_id: 'c',
  title: '会商',
  urgency: 'emergency',
  convener: '值班员',
  main_venue: '市政府',
  reason: '',
  state: 'ringing',
  since_at: 1_000,
  until_at: 61_000,
  answer: 'at',
  answer_at: 16_000,
  why: null,
  ...over,
})
const desk = (...calls: IncomingCall[]): VenueCalls => ({ venue_id: 'b', name: '乙', answer_rule: 'always', seated: 'm', calls, back: null })

test('a terminal says that a call has arrived and counts down to taking it', () => {
  expect(terminalDoes(desk(call({ state: 'calling' })), 2_000)).toMatchObject({ acknowledge: ['c'], take: null, seconds: 14 })
  expect(terminalDoes(desk(call()), 15_999)).toMatchObject({ acknowledge: [], take: null, seconds: 1 })
  expect(terminalDoes(desk(call()), 16_000)).toMatchObject({ take: 'c', shown: null })
})

test('a call that nobody may take by itself is shown until it fails', () => {
  const asked = call({ answer: 'asked', answer_at: null, why: 'leads' })
  expect(terminalDoes(desk(asked), 60_500)).toMatchObject({ take: null, shown: asked, seconds: 1 })
  expect(terminalDoes(desk(), 1)).toEqual({ acknowledge: [], take: null, shown: null, seconds: null })
})

test('a free terminal takes its call at once and shows nothing', () => {
  expect(terminalDoes(desk(call({ answer: 'at_once', state: 'calling' })), 1_000)).toMatchObject({ acknowledge: ['c'], take: 'c', shown: null })
})
