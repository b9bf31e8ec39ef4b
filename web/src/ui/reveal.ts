// What is masked until somebody asks to see it: the server records each look.
import { ref, shallowRef } from 'vue'
import { post } from '@/api/client'
import { asProblem, type Problem } from '@/api/problem'

/** `reveal()` asks for `path` once; what it answers stays shown as long as the page shows it. */
export function useReveal<T>(path: () => string) {
  const shown = shallowRef<T | null>(null)
  const busy = ref(false)
  const problem = shallowRef<Problem | null>(null)

  async function reveal(): Promise<void> {
    if (busy.value || shown.value) return
    busy.value = true
    try {
      shown.value = await post<T>(path(), {})
      problem.value = null
    } catch (error) {
      problem.value = asProblem(error)
    } finally {
      busy.value = false
    }
  }

  return { shown, busy, problem, reveal }
}
