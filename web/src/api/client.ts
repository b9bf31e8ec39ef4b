// The one way to the server: get/post/put/patch/del, problems as typed errors, retries that do nothing twice.
import { Problem, unreachable } from './problem'
import { address, isSafe, journalSeq, problemOf, type Query } from './request'

export type { Query } from './request'
export { asProblem, Problem } from './problem'

export interface Options {
  query?: Query
  signal?: AbortSignal
  /** The same key again is the same command: pass one when the caller itself retries. */
  key?: string
  headers?: Record<string, string>
  /** Milliseconds until the request is given up. Default 30 s, imports need more. */
  timeout_ms?: number
}

export interface Reply<T> {
  status: number
  body: T
  /** Journal position of the answer, for `subscribe(topics, { seq })`. */
  seq: number | null
  headers: Headers
}

/** How often an unanswered request is sent, and how long between. Same key each time, so it is done once. */
const TRIES = 3
const PAUSE_MS = 400

let sessionOver: () => void = () => {}

/** Called when the server answers 401 to anything but a login. */
export function onSessionOver(listener: () => void): void {
  sessionOver = listener
}

export async function request<T>(method: string, path: string, body?: unknown, options: Options = {}): Promise<Reply<T>> {
  const headers: Record<string, string> = { Accept: 'application/json', ...options.headers }
  if (!isSafe(method)) headers['Idempotency-Key'] = options.key ?? newId()
  const payload = encode(body, headers)
  const url = address(path, options.query)

  for (let attempt = 1; ; attempt += 1) {
    const timeout = AbortSignal.timeout(options.timeout_ms ?? 30_000)
    const signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout
    try {
      const response = await fetch(url, { method, headers, body: payload, signal, credentials: 'same-origin' })
      return await read<T>(response, method === 'POST' && path === '/session')
    } catch (error) {
      if (error instanceof Problem || options.signal?.aborted) throw error
      if (attempt >= TRIES) throw unreachable()
      await new Promise((done) => setTimeout(done, PAUSE_MS * attempt))
    }
  }
}

async function read<T>(response: Response, login: boolean): Promise<Reply<T>> {
  const text = await response.text()
  if (!response.ok) {
    const problem = problemOf(response.status, response.headers.get('content-type') ?? '', text)
    if (problem.status === 401 && !login) sessionOver()
    throw problem
  }
  const json = (response.headers.get('content-type') ?? '').includes('json')
  return {
    status: response.status,
    body: (json && text ? JSON.parse(text) : text) as T,
    seq: journalSeq(response.headers.get('x-journal-seq')),
    headers: response.headers,
  }
}

function encode(body: unknown, headers: Record<string, string>): BodyInit | undefined {
  if (body === undefined) return undefined
  if (body instanceof FormData || body instanceof Blob || typeof body === 'string') {
    if (typeof body === 'string') headers['Content-Type'] ??= 'text/plain; charset=utf-8'
    return body
  }
  headers['Content-Type'] = 'application/json'
  return JSON.stringify(body)
}

export const get = async <T>(path: string, query?: Query, options?: Options) =>
  (await request<T>('GET', path, undefined, { ...options, query })).body

/** A read together with the journal position it was true at. */
export const snapshot = <T>(path: string, query?: Query) => request<T>('GET', path, undefined, { query })

export const post = async <T>(path: string, body?: unknown, options?: Options) =>
  (await request<T>('POST', path, body ?? {}, options)).body

export const put = async <T>(path: string, body: unknown, options?: Options) =>
  (await request<T>('PUT', path, body, options)).body

export const patch = async <T>(path: string, body: unknown, options?: Options) =>
  (await request<T>('PATCH', path, body, options)).body

export const del = async <T = unknown>(path: string, options?: Options) =>
  (await request<T>('DELETE', path, undefined, options)).body

/** A fresh id. `randomUUID` exists in secure contexts only; a page on plain HTTP in a closed LAN is not one. */
export function newId(): string {
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID()
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  bytes[6] = (bytes[6]! & 0x0f) | 0x40
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

/** Answer shape of every list. */
export interface Page<T> {
  items: T[]
  next: string | null
}
