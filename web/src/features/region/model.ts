// Divisions by GB/T 2260 code, and what an import of them did; pure.

export interface Division {
  /** Significant digits: 22, 2201, 220102, 220102001. */
  code: string
  gb_code: string
  name: string
  /** From the province down. */
  full_name: string
  kind: 'province' | 'city' | 'county' | 'zone' | 'township' | 'village' | 'grouping'
  parent: string | null
  valid_from: string | null
  valid_until: string | null
  successor: string | null
  version: number
}

export type Outcome = 'added' | 'changed' | 'unchanged' | 'repaired' | 'ended' | 'skipped' | 'refused'
export const OUTCOMES: readonly Outcome[] = ['added', 'changed', 'unchanged', 'repaired', 'ended', 'skipped', 'refused']

export interface ReportLine {
  line: number
  code: string
  name: string
  outcome: Outcome
  detail: string
  detail_en: string
}

export type Report = Record<Outcome, number> & { lines: ReportLine[]; applied: boolean }

/** Outcomes that happened at all, in the order in which they matter to a reader. */
export function happened(report: Report): { outcome: Outcome; n: number }[] {
  return OUTCOMES.map((outcome) => ({ outcome, n: report[outcome] })).filter(({ n }) => n > 0)
}

/** A preview may be carried out when nothing is refused and something would change. */
export function mayApply(report: Report): boolean {
  return report.refused === 0 && report.added + report.changed + report.repaired + report.ended > 0
}
