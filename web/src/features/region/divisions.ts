// Names of divisions for codes: one's own subtree is read once per page and kept, others one by one.
import { shallowRef, triggerRef } from 'vue'
import { get, type Page } from '@/api/client'
import { useSession } from '@/session/store'
import type { Division } from './model'

/** Own subtree at most: a province with all its towns. Beyond that names are read one by one. */
const PAGES_MAX = 4

const known = shallowRef(new Map<string, Division>())
const asked = new Set<string>()
let own: string | null = null

/** Divisions known so far, by code; begins to read one's own subtree at first use. */
export function useDivisions() {
  const code = useSession().account?.division
  if (code !== undefined && code !== own) {
    own = code
    ask(code)
    readSubtree(code).catch(() => {
      // Codes stand for names until the next page load.
    })
  }
  return known
}

async function readSubtree(code: string): Promise<void> {
  let after: string | null = null
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const { items, next }: Page<Division> = await get<Page<Division>>('/divisions', { under: code, limit: 500, after })
    keep(items)
    if (next === null) return
    after = next
  }
}

/** The name of a code, or the code while its name is not here. */
export function divisionName(code: string): string {
  const found = known.value.get(code)
  if (!found) ask(code)
  return found?.name ?? code
}

function ask(code: string): void {
  if (!code || asked.has(code)) return
  asked.add(code)
  get<Division>(`/divisions/${code}`)
    .then((division) => keep([division]))
    .catch(() => {
      // A code nobody has imported: it is shown as it is.
    })
}

function keep(divisions: readonly Division[]): void {
  for (const division of divisions) known.value.set(division.code, division)
  triggerRef(known)
}
