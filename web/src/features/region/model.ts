// Divisions by GB/T 2260 code, and what an import of them did; pure.
import type { Wire } from '@/api/types'

export type Division = Wire<'DivisionView'>
export type Outcome = Wire<'Outcome'>
export const OUTCOMES: readonly Outcome[] = ['added', 'changed', 'unchanged', 'repaired', 'ended', 'skipped', 'refused']

export type ReportLine = Wire<'Line'>
export type Report = Wire<'DivisionImportReport'>

/** Outcomes that happened at all, in the order in which they matter to a reader. */
export function happened(report: Report): { outcome: Outcome; n: number }[] {
  return OUTCOMES.map((outcome) => ({ outcome, n: report[outcome] })).filter(({ n }) => n > 0)
}

/** A preview may be carried out when nothing is refused and something would change. */
export function mayApply(report: Report): boolean {
  return report.refused === 0 && report.added + report.changed + report.repaired + report.ended > 0
}
