// What the server says about a list that was sent: counts, and every wrong line with its reason; pure.
import type { Wire } from '@/api/types'

export type LineProblem = Wire<'LineProblem'>
export type ImportReport = Wire<'ListImportReport'>

/** Something would be written. */
export function changesSomething(report: ImportReport): boolean {
  return report.new + report.changed > 0
}

/** Good lines beside wrong ones: the reader may choose to leave the wrong ones out. */
export function needsChoice(report: ImportReport): boolean {
  return report.problems_total > 0 && changesSomething(report)
}

/** Name of a list: the same file name again updates the same list. */
export function sourceOf(fileName: string): string {
  return fileName.replace(/\.[^.]*$/, '').slice(0, 100)
}
