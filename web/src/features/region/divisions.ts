// Divisions of the tower, read once per page and kept: names for codes, choices for selects.
import { shallowRef } from 'vue'
import { get, type Page } from '@/api/client'
import type { Division } from './model'

const known = shallowRef<Division[] | null>(null)
let reading: Promise<void> | null = null

/** All divisions in force today. Asked for once; a failure is asked again at the next use. */
export function useDivisions() {
  reading ??= read().catch((error: unknown) => {
    reading = null
    console.warn('divisions', error)
  })
  return known
}

async function read(): Promise<void> {
  const all: Division[] = []
  let after: string | null = null
  do {
    const page: Page<Division> = await get<Page<Division>>('/divisions', { limit: 200, after })
    all.push(...page.items)
    after = page.next
  } while (after !== null)
  known.value = all
}

/** The name of a code, or the code while names are not here. */
export function divisionName(code: string): string {
  return known.value?.find((division) => division.code === code)?.name ?? code
}
