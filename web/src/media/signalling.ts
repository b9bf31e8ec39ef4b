// WHIP and WHEP over fetch: offer out, answer in; restart and end by the address the server gave.
import { problemOf } from '@/api/request'
import { unreachable } from '@/api/problem'

export interface Where {
  conference: string
  venue: string
  /** A key that stands for the session. */
  bearer?: string
}

export interface Session {
  bearer?: string
  location: string
  answer: string
}

/** A request that has no answer by then is not coming back. */
const TIMEOUT_MS = 8_000

const authorized = (bearer?: string): Record<string, string> => (bearer ? { Authorization: `Bearer ${bearer}` } : {})

async function send(url: string, init: RequestInit): Promise<Response> {
  let response: Response
  try {
    response = await fetch(url, { ...init, credentials: 'same-origin', signal: AbortSignal.timeout(TIMEOUT_MS) })
  } catch {
    throw unreachable()
  }
  if (!response.ok) throw problemOf(response.status, response.headers.get('content-type') ?? '', await response.text())
  return response
}

export async function open(way: 'whip' | 'whep', where: Where, offer: string): Promise<Session> {
  const query = new URLSearchParams({ conference: where.conference, venue: where.venue })
  const response = await send(`/api/v1/media/${way}?${query}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/sdp', ...authorized(where.bearer) },
    body: offer,
  })
  const location = response.headers.get('location')
  if (!location) throw new Error('the server named no address for the media session')
  return { location, answer: await response.text(), bearer: where.bearer }
}

/** Answers the server's fragment. */
export async function restart(session: Session, fragment: string): Promise<string> {
  const response = await send(session.location, {
    method: 'PATCH',
    headers: { 'Content-Type': 'application/trickle-ice-sdpfrag', 'If-Match': '*', ...authorized(session.bearer) },
    body: fragment,
  })
  return response.text()
}

/** Also while the page goes away, when nobody waits for an answer. */
export function close(session: Session): void {
  void fetch(session.location, { method: 'DELETE', headers: authorized(session.bearer), credentials: 'same-origin', keepalive: true }).catch(() => undefined)
}
