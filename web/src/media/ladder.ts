// How a broken media connection is brought back: first an ICE restart, then a fresh connection, for ever.

export interface Rung {
  step: 'restart' | 'reconnect'
  /** Milliseconds to wait before it. */
  wait_ms: number
}

const WAITS_MS = [0, 500, 1_000, 2_000, 4_000] as const
/** Never longer: somebody is sitting in front of a dark screen. */
const LONGEST_MS = 5_000

/** The rung for the `attempt`-th try (0, 1, 2 …) since the connection broke. `known`: the server may still know it. */
export function rung(attempt: number, known: boolean): Rung {
  if (attempt === 0 && known) return { step: 'restart', wait_ms: 0 }
  const tries = known ? attempt - 1 : attempt
  return { step: 'reconnect', wait_ms: WAITS_MS[tries] ?? LONGEST_MS }
}

/** How long each rung may take before the next is tried. */
export const PATIENCE_MS = { restart: 3_000, reconnect: 8_000 } as const

/** A connection that says `disconnected` often comes back by itself within this time. */
export const BLINK_MS = 1_500
