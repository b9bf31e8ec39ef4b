// Reading for a page: rows, whether it is under way, what went wrong; pages of a list by cursor.
import { onScopeDispose, ref, shallowRef, type Ref, type ShallowRef } from 'vue'
import { get, type Page, type Query } from '@/api/client'
import { asProblem, type Problem } from '@/api/problem'

export interface Loaded<T> {
  value: ShallowRef<T | null>
  loading: Ref<boolean>
  problem: ShallowRef<Problem | null>
  /** Reads anew; what was shown stays until the answer is there. */
  reload(): Promise<void>
}

/** Reads once now, and again on `reload`. A later read overtakes an earlier one. */
export function useLoad<T>(read: (signal: AbortSignal) => Promise<T>): Loaded<T> {
  const value = shallowRef<T | null>(null)
  const loading = ref(false)
  const problem = shallowRef<Problem | null>(null)
  let abort = new AbortController()

  async function reload(): Promise<void> {
    abort.abort()
    const mine = (abort = new AbortController())
    loading.value = true
    try {
      const answer = await read(mine.signal)
      if (mine.signal.aborted) return
      value.value = answer
      problem.value = null
    } catch (error) {
      if (!mine.signal.aborted) problem.value = asProblem(error)
    } finally {
      if (!mine.signal.aborted) loading.value = false
    }
  }

  onScopeDispose(() => abort.abort(), true)
  void reload()
  return { value, loading, problem, reload }
}

export interface Listed<T> {
  rows: ShallowRef<T[]>
  loading: Ref<boolean>
  problem: ShallowRef<Problem | null>
  more: Ref<boolean>
  reload(): Promise<void>
  loadMore(): Promise<void>
}

/** A list answer `{ items, next }`, page by page. `query` is read at every reload. */
export function useList<T>(path: string, query: () => Query = () => ({})): Listed<T> {
  const rows = shallowRef<T[]>([])
  const loading = ref(false)
  const problem = shallowRef<Problem | null>(null)
  const more = ref(false)
  let next: string | null = null
  let turn = 0

  async function fetchPage(cursor: string | null): Promise<void> {
    const mine = (turn += 1)
    loading.value = true
    try {
      const page = await get<Page<T>>(path, { ...query(), after: cursor })
      if (mine !== turn) return
      rows.value = cursor ? [...rows.value, ...page.items] : page.items
      next = page.next
      more.value = next !== null
      problem.value = null
    } catch (error) {
      if (mine === turn) problem.value = asProblem(error)
    } finally {
      if (mine === turn) loading.value = false
    }
  }

  const reload = () => fetchPage(null)
  const loadMore = () => (next === null ? Promise.resolve() : fetchPage(next))
  void reload()
  return { rows, loading, problem, more, reload, loadMore }
}
