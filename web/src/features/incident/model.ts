// What the incident pages know and decide; pure.
import type { Wire } from '@/api/types'
import type { Role } from '@/session/model'
import type { Tone } from '@/ui/StatusPill.vue'

export type Incident = Wire<'Incident'>
export type Figure = Wire<'Figure'>
export type Call = Wire<'Call'>
export type Proposal = Wire<'LevelProposal'>
export type Detail = Wire<'IncidentDetail'>
export type TimelineItem = Wire<'TimelineItem'>
export type Candidate = Wire<'DuplicateCandidate'>
export type Category = Wire<'IncidentCategory'>

export const FIGURE_KEYS = ['dead', 'missing', 'serious', 'minor', 'trapped', 'evacuated', 'affected', 'loss_yuan'] as const
export const OPEN = ['draft', 'reported', 'verifying', 'confirmed', 'responding', 'controlled']

export function toneOf(status: string): Tone {
  if (status === 'reported' || status === 'verifying' || status === 'draft') return 'warn'
  if (status === 'confirmed' || status === 'responding') return 'bad'
  if (status === 'controlled') return 'info'
  return status === 'closed' ? 'ok' : 'quiet'
}

/** Who takes calls may call back: the server's `ReadCallerPhones`. */
export const mayCallBack = (roles: readonly Role[]): boolean => roles.includes('dispatcher') || roles.includes('duty_officer')

/** The category somebody means: exactly, then by its beginning, then by a part of name, pinyin, initials, slug or its last word. */
export function matchCategory(categories: readonly Category[], typed: string): Category | null {
  const text = typed.trim().toLowerCase()
  if (!text) return null
  const names = (category: Category) => [category.zh, category.en.toLowerCase(), category.slug, category.slug.split('.').at(-1)!, ...category.spelling.split(' ')]
  const tests = [
    (name: string) => name === text,
    (name: string) => name.startsWith(text),
    (name: string) => name.includes(text),
  ]
  for (const test of tests) {
    // The narrowest that fits: a person who types "火灾" does not mean a whole kind.
    const found = categories.filter((category) => names(category).some(test)).sort((a, b) => b.slug.split('.').length - a.slug.split('.').length)
    if (found[0]) return found[0]
  }
  return null
}

/** `125.32, 43.88` in any usual spelling; null when empty, undefined when it is no point. */
export function parsePoint(text: string): { lon: number; lat: number } | null | undefined {
  const parts = text.trim().split(/[\s,，;]+/).filter(Boolean)
  if (parts.length === 0) return null
  const [lon, lat] = parts.map(Number)
  if (parts.length !== 2 || !Number.isFinite(lon) || !Number.isFinite(lat) || Math.abs(lon!) > 180 || Math.abs(lat!) > 90) return undefined
  return { lon: lon!, lat: lat! }
}

const SHANGHAI_MS = 8 * 3_600_000
const DAY_MS = 86_400_000

/** `14:05`, `1405` or `11-21 14:05` in Shanghai, the last such moment before `now`; null when empty, undefined when unreadable. */
export function parseMoment(text: string, now: number): number | null | undefined {
  const trimmed = text.trim()
  if (!trimmed) return null
  const match = /^(?:(?:(\d{4})[-/])?(\d{1,2})[-/](\d{1,2})\s+)?(\d{1,2})[:：]?(\d{2})$/.exec(trimmed)
  if (!match) return undefined
  const [, year, month, day, hour, minute] = match
  if (Number(hour) > 23 || Number(minute) > 59) return undefined
  const local = new Date(now + SHANGHAI_MS)
  const clock = (Number(hour) * 60 + Number(minute)) * 60_000
  if (!month) {
    const midnight = Date.UTC(local.getUTCFullYear(), local.getUTCMonth(), local.getUTCDate()) - SHANGHAI_MS
    const today = midnight + clock
    return today <= now ? today : today - DAY_MS
  }
  if (Number(month) > 12 || Number(month) < 1 || Number(day) < 1 || Number(day) > 31) return undefined
  const at = (y: number) => Date.UTC(y, Number(month) - 1, Number(day)) - SHANGHAI_MS + clock
  if (year) return at(Number(year))
  const thisYear = at(local.getUTCFullYear())
  return thisYear <= now ? thisYear : at(local.getUTCFullYear() - 1)
}

/** The form of a report, all of it text as typed. */
export interface Draft {
  place_text: string
  point: string
  category: string
  level: string
  caller: string
  phone: string
  service: string
  description: string
  occurred: string
  dead: string
  serious: string
  trapped: string
  title: string
  exercise: boolean
}

export const emptyDraft = (): Draft => ({
  place_text: '',
  point: '',
  category: '',
  level: '',
  caller: '',
  phone: '',
  service: '110',
  description: '',
  occurred: '',
  dead: '',
  serious: '',
  trapped: '',
  title: '',
  exercise: false,
})

/** The draft as the server takes it, or the first field that cannot be. */
export function toReport(draft: Draft, id: string, categories: readonly Category[], now: number): { body: Record<string, unknown> } | { wrong: keyof Draft } {
  const category = matchCategory(categories, draft.category)
  if (!category) return { wrong: 'category' }
  const point = parsePoint(draft.point)
  if (point === undefined) return { wrong: 'point' }
  const occurred_at = parseMoment(draft.occurred, now)
  if (occurred_at === undefined) return { wrong: 'occurred' }
  const figures: Record<string, unknown>[] = []
  for (const key of ['dead', 'serious', 'trapped'] as const) {
    const text = draft[key].trim()
    if (!text) continue
    if (!/^\d{1,9}$/.test(text)) return { wrong: key }
    figures.push({ key, value: Number(text), source: draft.caller.trim() || draft.service || '报警人' })
  }
  return {
    body: {
      id,
      title: draft.title,
      category: category.slug,
      level: category.has_levels && draft.level ? draft.level : null,
      place_text: draft.place_text,
      lon: point?.lon ?? null,
      lat: point?.lat ?? null,
      description: draft.description,
      exercise: draft.exercise,
      occurred_at,
      call: { service: draft.service, caller: draft.caller, phone: draft.phone, subject: draft.category },
      figures,
    },
  }
}
