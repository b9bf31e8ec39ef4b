import { describe, expect, it } from 'vitest'
import { changesSomething, needsChoice, sourceOf, type ImportReport } from './list-import'

const report = (more: Partial<ImportReport>): ImportReport => ({
  rows: 0, new: 0, changed: 0, same: 0, problems_total: 0, problems: [], applied: false, ...more,
})

describe('an import report', () => {
  it('asks only when there are both good and wrong lines', () => {
    expect(needsChoice(report({ new: 3 }))).toBe(false)
    expect(needsChoice(report({ problems_total: 2 }))).toBe(false)
    expect(needsChoice(report({ new: 3, problems_total: 2 }))).toBe(true)
  })
  it('knows when nothing would be written', () => {
    expect(changesSomething(report({ same: 9 }))).toBe(false)
    expect(changesSomething(report({ changed: 1 }))).toBe(true)
  })
  it('names a list after its file', () => {
    expect(sourceOf('专家名单.2026.csv')).toBe('专家名单.2026')
  })
})
