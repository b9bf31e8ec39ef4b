// Lists of the first screens that follow the journal: read once, read again shortly after something happened.
import type { Wire } from '@/api/types'
import { onScopeDispose, ref, shallowRef, type Ref, type ShallowRef } from 'vue'
import { snapshot, type Page, type Query } from '@/api/client'
import { asProblem, type Problem } from '@/api/problem'
import { liveSocket } from '@/live'
import { OPEN, type IncidentRow, type MeetingRow } from './model'

/** The first entry is read at once; a burst behind it is one read. */
const SETTLE_MS = 250

export interface Followed<T> {
  rows: ShallowRef<T[]>
  problem: ShallowRef<Problem | null>
  /** First answer is here. */
  known: Ref<boolean>
  /** More rows exist than are shown. */
  cut: Ref<boolean>
  reload(): Promise<void>
}

export function useFollowed<T>(path: string, query: Query, topics: string[]): Followed<T> {
  const rows = shallowRef<T[]>([])
  const problem = shallowRef<Problem | null>(null)
  const known = ref(false)
  const cut = ref(false)
  let timer: ReturnType<typeof setTimeout> | null = null
  let stop: (() => void) | null = null
  let ended = false

  async function reload(): Promise<void> {
    try {
      const { body, seq } = await snapshot<Page<T>>(path, query)
      if (ended) return
      rows.value = body.items
      cut.value = body.next !== null
      known.value = true
      problem.value = null
      stop ??= liveSocket.subscribe(topics, { entry: soon, reset: soon }, seq === null ? null : { seq })
    } catch (error) {
      if (!ended) problem.value = asProblem(error)
    }
  }

  let again = false

  function soon() {
    if (timer) {
      again = true
      return
    }
    void reload()
    timer = setTimeout(() => {
      timer = null
      if (again) {
        again = false
        soon()
      }
    }, SETTLE_MS)
  }

  onScopeDispose(() => {
    ended = true
    if (timer) clearTimeout(timer)
    stop?.()
  })
  void reload()
  return { rows, problem, known, cut, reload }
}

export const useOpenIncidents = () => useFollowed<IncidentRow>('/incidents', { status: OPEN, limit: 200 }, ['incident'])
export const useRunningMeetings = () => useFollowed<MeetingRow>('/conferences', { phase: 'running', limit: 50 }, ['conference'])
export const useVenues = () => useFollowed<VenueRow>('/venues', {}, ['venue'])

export type VenueRow = Pick<Wire<'Venue'>, 'id' | 'name' | 'short_name' | 'division' | 'level'>
