// The journal as the auditor reads it; pure.
import type { Wire } from '@/api/types'

export type AuditRow = Wire<'RecordView'>
export type Verdict = Wire<'Verdict'>

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
