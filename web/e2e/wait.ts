// Waiting for a condition, never for a time.

/** Asks `probe` again until it answers something true; throws with `what` and the last answer when time is up. */
export async function until<T>(what: string, probe: () => Promise<T> | T, timeout_ms = 20_000, every_ms = 50): Promise<NonNullable<T>> {
  const started = performance.now()
  let last: unknown
  for (;;) {
    try {
      const answer = await probe()
      if (answer) return answer
      last = answer
    } catch (error) {
      last = error
    }
    if (performance.now() - started > timeout_ms) throw new Error(`${what}: not within ${timeout_ms} ms; last: ${String(last)}`)
    await new Promise((resolve) => setTimeout(resolve, every_ms))
  }
}
