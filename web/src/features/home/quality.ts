// Quality of the registry, from the server's counts and the experts' rows; pure.

export interface AssetKind {
  code: string
  zh: string
  en: string
}

export interface KindCount {
  kind: string
  total: number
  placeless: number
  unverified: number
}

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

export interface ExpertRow {
  contacts: unknown[]
  place: unknown
  subjects: unknown[]
  video_capable: boolean
  availability: string
}

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
