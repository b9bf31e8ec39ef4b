// The server's own account of itself: /health and /metrics (outside of the versioned API).
import { problemOf } from '@/api/request'
import { unreachable } from '@/api/problem'

export interface Health {
  status: string
  version: string
  database: string
  epoch: string
  seq: number
  now: number
}

export interface Metric {
  name: string
  value: string
}

async function text(path: string): Promise<string> {
  const response = await fetch(path, { credentials: 'same-origin' }).catch(() => {
    throw unreachable()
  })
  const body = await response.text()
  if (!response.ok) throw problemOf(response.status, response.headers.get('content-type') ?? '', body)
  return body
}

/** Health, and how far this machine's clock is from the server's. */
export async function readHealth(): Promise<{ body: Health; offset_ms: number }> {
  const asked_at = Date.now()
  const body = JSON.parse(await text('/health')) as Health
  const answered_at = Date.now()
  return { body, offset_ms: (asked_at + answered_at) / 2 - body.now }
}

export async function readMetrics(): Promise<Metric[]> {
  return parseMetrics(await text('/metrics'))
}

/** Lines of the Prometheus text format, without comments and histogram buckets. */
export function parseMetrics(body: string): Metric[] {
  return body
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#') && !line.includes('_bucket{'))
    .map((line) => {
      const cut = line.lastIndexOf(' ')
      return { name: line.slice(0, cut), value: line.slice(cut + 1) }
    })
}

/** A series in words: the name of its family, then its labels; the raw name while nobody has given it one. */
export function metricLabel(name: string, names: Readonly<Record<string, string>>): string {
  const [family = name, labels = ''] = name.split('{')
  const said = names[family]
  if (!said) return name
  const values = [...labels.matchAll(/"([^"]*)"/g)].map((match) => match[1])
  return [said, ...values].join(' ')
}
