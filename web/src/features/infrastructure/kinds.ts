// The table of kinds, read once per page load.
import { shallowRef } from 'vue'
import { get } from '@/api/client'
import type { Kind } from './model'

const kinds = shallowRef<Kind[]>([])
let reading: Promise<void> | null = null

/** The kinds known so far; empty until the first answer. */
export function useKinds() {
  reading ??= get<Kind[]>('/assets/kinds').then(
    (answer) => void (kinds.value = answer),
    () => void (reading = null),
  )
  return kinds
}
