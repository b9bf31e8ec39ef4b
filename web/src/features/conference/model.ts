// What a meeting is to the page, and what follows from it for the eye: state strip, grid, roster by level. Pure.
import type { Wire } from '@/api/types'

export type ConnectionWord = Wire<'ConnectionWord'>
export type Level = Wire<'VenueLevel'>
export type VenueKind = Wire<'VenueKind'>
export type Venue = Wire<'Venue'>
export type Row = Wire<'RosterRow'>
export type Conference = Wire<'Conference'>
export type VenueView = Wire<'VenueView'>

export type IncomingCall = Wire<'IncomingCall'>
/** What a venue's terminal has to follow. */
export type VenueCalls = Wire<'VenueCalls'>
/** An invitation to join as one person. */
export type JoinLink = Wire<'JoinLink'>

export interface Program {
  key: 'planned' | 'nobody' | 'main_absent' | 'on_air' | 'ended'
  main: string
  joined: number
  calling: number
  /** Called and not reached. */
  missing: number
  all: number
}

/** Whose picture goes to everybody, and how many are there to see it. */
export function programOf(meeting: Conference): Program {
  const count = (...states: ConnectionWord[]) => meeting.roster.filter((row) => states.includes(row.connection.state)).length
  const main = meeting.roster.find((row) => row.role === 'main')
  const joined = count('joined')
  const key = meeting.phase !== 'running' ? meeting.phase : joined === 0 ? 'nobody' : main?.connection.state === 'joined' ? 'on_air' : 'main_absent'
  return { key, main: main?.name ?? '', joined, calling: count('calling', 'ringing'), missing: count('failed', 'left', 'elsewhere', 'hung_up', 'not_called'), all: meeting.roster.length }
}

export type Tone = 'ok' | 'warn' | 'bad' | 'info' | 'quiet'

export type Strip =
  | { key: 'recovering'; tone: 'bad'; seconds: number }
  | { key: 'on_air'; tone: 'ok' }
  | { key: 'closed_by_control' | 'closed_by_policy' | 'waiting_for_main'; tone: 'warn' }
  | { key: 'speaking'; tone: 'info' }
  | { key: 'off_air' | 'ended' | 'connecting'; tone: 'quiet' }

export interface Line {
  /** When media or signalling broke, ms on the page's clock; null while both are well. */
  broken_at: number | null
  connected: boolean
}

/** The large state strip of a venue: the one thing it must know now. */
export function strip(view: VenueView, line: Line, now: number): Strip {
  if (view.phase === 'ended') return { key: 'ended', tone: 'quiet' }
  if (line.broken_at !== null) return { key: 'recovering', tone: 'bad', seconds: Math.max(0, Math.round((now - line.broken_at) / 1000)) }
  if (!line.connected) return { key: 'connecting', tone: 'quiet' }
  if (view.own.role !== 'main' && view.main.connection.state !== 'joined') return { key: 'waiting_for_main', tone: 'warn' }
  if (view.own.mic.closed && view.own.mic.by === 'control') return { key: 'closed_by_control', tone: 'warn' }
  if (view.on_air) return { key: 'on_air', tone: 'ok' }
  if (view.own.mic.closed && view.own.mic.by === 'policy') return { key: 'closed_by_policy', tone: 'warn' }
  return view.own.mic.closed || view.own.kind === 'listen_only' ? { key: 'off_air', tone: 'quiet' } : { key: 'speaking', tone: 'info' }
}

/** Columns and rows for `n` pictures in a box of this shape, so that the pictures become as large as they can. */
export function grid(n: number, aspect = 16 / 9): { columns: number; rows: number } {
  let best = { columns: 1, rows: Math.max(1, n), size: 0 }
  for (let columns = 1; columns <= Math.max(1, n); columns += 1) {
    const rows = Math.ceil(Math.max(1, n) / columns)
    // A picture is 16:9: the smaller of what width and height allow.
    const size = Math.min(1 / columns, (1 / rows) * (16 / 9 / aspect))
    // Of equals the wider one: faces side by side.
    if (size >= best.size) best = { columns, rows, size }
  }
  return { columns: best.columns, rows: best.rows }
}

const LEVELS: readonly Level[] = ['city', 'county', 'town']

/** The roster as the console's tree shows it: level by level, each in roster order. */
export function byLevel(roster: readonly Row[]): { level: Level | 'person'; rows: Row[] }[] {
  const levelOf = (row: Row) => (row.kind === 'person' ? 'person' : row.level)
  return ([...LEVELS, 'person'] as const).map((level) => ({ level, rows: roster.filter((row) => levelOf(row) === level) })).filter((group) => group.rows.length > 0)
}

/** The newest link of each person counts; a new one has ended those before. */
export function linkOf(links: readonly JoinLink[], reference: string): JoinLink | null {
  return links.find((link) => link.reference === reference) ?? null
}

const TONES: Record<ConnectionWord, Tone> = {
  not_called: 'quiet',
  calling: 'info',
  ringing: 'info',
  joined: 'ok',
  reconnecting: 'warn',
  left: 'quiet',
  elsewhere: 'info',
  hung_up: 'quiet',
  failed: 'bad',
}

export const toneOf = (row: Row): Tone => TONES[row.connection.state]

/** In the meeting, or expected to be. */
export const isLive = (row: Row) => ['calling', 'ringing', 'joined', 'reconnecting'].includes(row.connection.state)

export const canSpeak = (row: Row) => row.kind === 'av' || row.kind === 'audio_only' || row.kind === 'person'

/** What a terminal does now: whose call it says has arrived, which it takes, which it shows to the people in the room. */
export interface Doing {
  acknowledge: string[]
  take: string | null
  shown: IncomingCall | null
  /** Until the shown call is taken by itself, or fails. */
  seconds: number | null
}

export function terminalDoes(desk: VenueCalls, now: number): Doing {
  const acknowledge = desk.calls.filter((call) => call.state === 'calling').map((call) => call.conference_id)
  const due = desk.calls.find((call) => call.answer === 'at_once' || (call.answer === 'at' && call.answer_at !== null && call.answer_at <= now))
  const shown = due ? null : (desk.calls[0] ?? null)
  const end = shown?.answer_at ?? shown?.until_at ?? null
  return { acknowledge, take: due?.conference_id ?? null, shown, seconds: end === null ? null : Math.max(0, Math.ceil((end - now) / 1_000)) }
}

/** Media lines of a receive connection: the main venue sees everybody, a branch one picture. */
export function slotsFor(role: Row['role']): { video: number; audio: number } {
  return role === 'main' ? { video: 16, audio: 6 } : { video: 2, audio: 4 }
}
