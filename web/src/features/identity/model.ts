// Steps of logging in and what set-up asks for; pure.

/** After a refusal: an account that wants a one-time code goes to that step, everything else stays. */
export function nextStep(step: 'password' | 'totp', code: string): 'password' | 'totp' {
  if (code === 'identity.totp_needed') return 'totp'
  if (code === 'identity.locked' || code === 'identity.wrong_credentials') return 'password'
  return step
}

/** A secret in groups of four, as people copy it. */
export function grouped(secret: string): string {
  return secret.replace(/(.{4})(?=.)/g, '$1 ')
}

/** A place inside this page only: never another host, never the login itself. */
export function safeNext(next: unknown): string | null {
  if (typeof next !== 'string' || !next.startsWith('/') || /^\/[/\\]/.test(next) || next.startsWith('/login')) return null
  return next
}
