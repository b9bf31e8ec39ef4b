// Whether a conference is being recorded, kept true while a page is open.
import { onScopeDispose, shallowRef, type ShallowRef } from 'vue'
import { useTopics } from '@/live'
import { state as read } from './api'
import type { State } from './model'

/** Asked again after this, should the journal not reach this page. */
const AGAIN_MS = 20_000

export function useRecordingState(conference: string): { state: ShallowRef<State | null>; reload: () => Promise<void> } {
  const state = shallowRef<State | null>(null)
  const reload = async () => {
    // Without an answer what was known stays shown.
    state.value = await read(conference).catch(() => state.value)
  }
  useTopics([`conference/${conference}`], {
    entry: (entry) => {
      if (entry.kind.startsWith('recording.')) void reload()
    },
    reset: () => void reload(),
  })
  const timer = setInterval(() => void reload(), AGAIN_MS)
  onScopeDispose(() => clearInterval(timer), true)
  void reload()
  return { state, reload }
}
