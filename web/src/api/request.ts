// Pure parts of a request: its address, its headers, and the reading of an answer.
import { Problem, type ProblemBody } from './problem'

export type Query = Record<string, string | number | boolean | null | undefined | readonly string[]>

export const API = '/api/v1'

/** Address under /api/v1; absent query values are left out, lists are joined by comma. */
export function address(path: string, query: Query = {}): string {
  const search = new URLSearchParams()
  for (const [key, value] of Object.entries(query)) {
    if (value === null || value === undefined || value === '') continue
    search.set(key, Array.isArray(value) ? value.join(',') : String(value))
  }
  const text = search.toString()
  return `${API}${path}${text ? `?${text}` : ''}`
}

export function isSafe(method: string): boolean {
  return method === 'GET' || method === 'HEAD'
}

/** A problem out of an answer that is not 2xx, whatever its body is. */
export function problemOf(status: number, contentType: string, text: string): Problem {
  if (contentType.includes('json')) {
    try {
      const body = JSON.parse(text) as ProblemBody
      if (body && typeof body === 'object') return new Problem(status, body)
    } catch {
      // A cut-off body is treated like no body.
    }
  }
  return new Problem(status, { code: `http.${status}`, title: text.slice(0, 200) || `HTTP ${status}` })
}

/** `X-Journal-Seq`: the journal position the answer was read at; a subscription goes on from there. */
export function journalSeq(header: string | null): number | null {
  if (header === null || !/^\d+$/.test(header)) return null
  return Number(header)
}
