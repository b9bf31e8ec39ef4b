// Steps of logging in and what set-up asks for; pure.

/** After a refusal: an account that wants a one-time code goes to that step, everything else stays. */
export function nextStep(step: 'password' | 'totp', code: string): 'password' | 'totp' {
  if (code === 'identity.totp_required') return 'totp'
  if (code === 'identity.locked' || code === 'identity.bad_credentials') return 'password'
  return step
}

/** A place inside this page only: never another host, never the login itself. */
export function safeNext(next: unknown): string | null {
  if (typeof next !== 'string' || !next.startsWith('/') || /^\/[/\\]/.test(next) || next.startsWith('/login')) return null
  return next
}
