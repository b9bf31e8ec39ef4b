// Imports of call records as the page sees them; pure.
import type { Wire } from '@/api/types'

export type Progress = Wire<'CallImportProgress'>
export type CallImport = Wire<'CallImport'>

/** Columns by header name; those that may be joined of several are lists. */
export type PlanColumns = Wire<'Columns'>
export type Plan = Wire<'Plan'>
export type ImportProblem = Wire<'CallImportProblem'>
export type Preview = Wire<'CallImportPreview'>
export type MergeGroup = Wire<'MergeGroup'>

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
