// Quality of the registry, from the server's counts and the experts' rows; pure.
import type { Wire } from '@/api/types'

export type AssetKind = Pick<Wire<'KindSeen'>, 'code' | 'zh' | 'en'>
export type KindCount = Wire<'KindCount'>

export interface QualityRow extends AssetKind {
  total: number
  placeless: number
  unverified: number
}

/** Kinds that have rows, those with most gaps first. */
export function qualityRows(kinds: readonly AssetKind[], counts: readonly KindCount[]): QualityRow[] {
  return counts
    .filter((count) => count.total > 0)
    .map((count) => ({ code: count.kind, zh: count.kind, en: count.kind, ...kinds.find((kind) => kind.code === count.kind), ...count }))
    .sort((a, b) => b.placeless + b.unverified - (a.placeless + a.unverified) || b.total - a.total)
}

export type ExpertRow = Pick<Wire<'ExpertSeen'>, 'contacts' | 'place' | 'subjects' | 'video_capable' | 'availability'>

export interface ExpertGaps {
  total: number
  lacks: Record<'contact' | 'place' | 'subject' | 'video' | 'away', number>
}

export function expertGaps(rows: readonly ExpertRow[]): ExpertGaps {
  const count = (lacks: (row: ExpertRow) => boolean) => rows.filter(lacks).length
  return {
    total: rows.length,
    lacks: {
      contact: count((row) => row.contacts.length === 0),
      subject: count((row) => row.subjects.length === 0),
      place: count((row) => !row.place),
      video: count((row) => !row.video_capable),
      away: count((row) => row.availability !== 'available'),
    },
  }
}
