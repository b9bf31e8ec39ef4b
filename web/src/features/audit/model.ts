// The journal as the auditor reads it; pure.

export interface AuditRow {
  seq: number
  at: number
  /** Account id, `anonymous`, `system` or `setup`. */
  actor: string
  actor_name: string | null
  kind: string
  entity: string
  entity_version: number
  jurisdiction: string
  /** Null for business data, which the audit does not open. */
  payload: unknown
  hash: string
}

export interface Verdict {
  entries: number
  /** The first entry that is not as it was written, and what is wrong with it. */
  first_bad: [number, string] | null
}

/** A refused attempt, marked in the list. */
export function isRefusal(row: Pick<AuditRow, 'kind'>): boolean {
  return row.kind === 'audit.refused'
}

/** What an entry carries, in one line for the list. */
export function brief(payload: unknown): string {
  if (payload === null || payload === undefined) return ''
  const text = JSON.stringify(payload)
  return text === '{}' ? '' : text
}
