// From an incident to a meeting: what is around it by kind, who fits and why, who is rung; pure.
import type { Wire } from '@/api/types'
import type { Near } from '@/features/infrastructure/model'

export type Found = Wire<'Found'>
export type Surroundings = Wire<'Surroundings'>
export type Reason = Wire<'MatchReason'>
export type ExpertMatch = Wire<'ExpertMatch'>
export type ProposedVenue = Wire<'ProposedVenue'>
export type Proposal = Wire<'ConsultationProposal'>

/** Metres, as the selector offers them. */
export const RADII_M = [500, 1_000, 3_000, 5_000, 10_000, 30_000] as const

/** Assets kind by kind; the kind with the nearest one first, inside it nearest first. */
export function byKind(items: readonly Near[]): { kind: string; items: Near[] }[] {
  const groups = new Map<string, Near[]>()
  for (const item of items.toSorted((a, b) => a.distance_m - b.distance_m)) {
    const group = groups.get(item.kind)
    if (group) group.push(item)
    else groups.set(item.kind, [item])
  }
  return [...groups].map(([kind, members]) => ({ kind, items: members }))
}

/** `+40`, `−25`: a part of a score. */
export function pointsText(points: number): string {
  const whole = Math.round(points * 10) / 10
  return whole < 0 ? `−${-whole}` : `+${whole}`
}

/** The chosen ones with one more, or one less. */
export function toggled(chosen: readonly string[], id: string): string[] {
  return chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id]
}

/** The order in which venues are sent: the main venue leads, nobody twice, and it comes even when unticked. */
export function ringing(main: string, ticked: readonly string[]): string[] {
  return [...new Set([main, ...ticked])].filter((id) => id !== '')
}

/** May lead a meeting: seen and heard. */
export function mayLead(venue: Pick<ProposedVenue, 'kind'>): boolean {
  return venue.kind === 'av'
}
