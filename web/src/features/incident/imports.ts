// Imports of call records as the page sees them; pure.
import type { Incident } from './model'

export interface Progress {
  total: number
  done: number
  added: number
  known: number
  refused: number
  without_place: number
  problems: number
}

export interface CallImport {
  id: string
  file_name: string
  state: string
  progress: Progress
  failure: string | null
  created_at: number
}

/** Columns by header name; those that may be joined of several are lists. */
export interface PlanColumns {
  source_id: string | null
  received_at: string[]
  lon: string | null
  lat: string | null
  address: string[]
  subject: string | null
  text: string | null
  service: string | null
  caller: string | null
  phone: string | null
}

export interface Plan {
  source: string
  encoding: string
  delimiter: string
  columns: PlanColumns
  datum: string
  zone: string
  area: { bbox: [number, number, number, number] | null; farther_than_km: number | undefined }
  status: string
  exercise: boolean
}

export interface ImportProblem {
  line: number
  code: string
  value: string
  text: string
  text_en: string
}

export interface Preview {
  progress: Progress
  rows: { line: number; received_at: number | null; category: string | null; service: string; subject: string; place_text: string; lon: number | null; lat: number | null }[]
  problems: ImportProblem[]
}

export interface MergeGroup {
  keep: Incident
  others: { incident: Incident; score: number }[]
}

export const COLUMNS = ['received_at', 'lon', 'lat', 'address', 'subject', 'text', 'service', 'caller', 'phone', 'source_id'] as const
export type ColumnName = (typeof COLUMNS)[number]

export function picked(plan: Plan, name: ColumnName): string {
  const value = plan.columns[name]
  return (Array.isArray(value) ? value[0] : value) ?? ''
}

/** The plan with one column chosen. Of an address made of several columns the further ones stay. */
export function pick(plan: Plan, name: ColumnName, column: string): Plan {
  const before = plan.columns[name]
  const value = Array.isArray(before) ? [column, ...before.slice(1)].filter((each) => each !== '') : column || null
  return { ...plan, columns: { ...plan.columns, [name]: value } }
}

export const isMoving = (row: { state: string }) => row.state === 'running' || row.state === 'undoing'

/** Whole percent done. */
export function fraction(row: CallImport): number {
  if (row.state === 'done') return 100
  return row.progress.total ? Math.min(100, Math.floor((row.progress.done / row.progress.total) * 100)) : 0
}
