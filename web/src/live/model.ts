// What the socket decides without doing: waiting times, freshness of the line, which entries are new.

export const BACKOFF_MIN_MS = 500
export const BACKOFF_MAX_MS = 30_000

/** Full jitter: anything between the floor and the doubled ceiling, so that a thousand pages do not come back at once. */
export function backoff(attempt: number, chance: number): number {
  const ceiling = Math.min(BACKOFF_MAX_MS, BACKOFF_MIN_MS * 2 ** Math.max(0, attempt))
  return Math.round(BACKOFF_MIN_MS + chance * (ceiling - BACKOFF_MIN_MS))
}

export type Freshness =
  | { state: 'connecting' }
  | { state: 'live' }
  /** Connected, but nothing was heard for so many seconds. */
  | { state: 'delayed'; seconds: number }
  /** Not connected; `last_at` is when something was last heard (ms on the server's clock). */
  | { state: 'broken'; last_at: number }

export interface Line {
  open: boolean
  /** ms on the page's clock, null before the first frame. */
  heard_at: number | null
  beat_ms: number
}

/** How fresh what is on the screen is. One missed beat counts as delayed. */
export function freshness(line: Line, now: number, offset_ms: number): Freshness {
  if (line.heard_at === null) return { state: 'connecting' }
  if (!line.open) return { state: 'broken', last_at: line.heard_at + offset_ms }
  const silent = now - line.heard_at
  if (silent <= line.beat_ms * 1.5) return { state: 'live' }
  return { state: 'delayed', seconds: Math.round(silent / 1000) }
}

/** A line silent for this long is dead, whatever TCP believes. */
export function deadAfter(beat_ms: number): number {
  return beat_ms * 3
}

/** Offset of the server's clock from ours; a ping answered within `rtt_ms` gives half of it as error. */
export function clockOffset(server_time: number, received_at: number, rtt_ms = 0): number {
  return server_time + rtt_ms / 2 - received_at
}
