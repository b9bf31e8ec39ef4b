// What the server measures of each venue's connections, and which of it the operator has to act on. Pure.
import type { Conference, Row, Tone } from './model'

export interface SourceFigures {
  kind: 'audio' | 'video'
  open: boolean
  packets: number
  bytes: number
  dropped_closed: number
  bitrate_bps: number
  loss_percent: number
  /** Loudest of the last second, dBov: 0 loudest, -127 silence. */
  level_dbov: number | null
}

export interface MediaFigures {
  venue_id: string
  publish_srtp: string | null
  receive_srtp: string | null
  sources: SourceFigures[]
  sent_packets: number
  lost_packets: number
  rtt_ms: number | null
  sent_bitrate_bps: number
  down_loss_percent: number
  jitter_ms: number | null
  /** What the venue's own client says it shows. */
  shown: { freezes: number; frozen_ms: number; frame_rate: number; width: number; height: number } | null
}

/** Commissioning values of the trade: 150 ms one way, 1 % loss. */
export const RTT_MAX_MS = 300
export const LOSS_MAX_PERCENT = 1
/** A picture that stood longer than this within a second is a fault. */
const FROZEN_MAX_MS = 400

export type FaultKey = 'main_absent' | 'reconnecting' | 'unreachable' | 'no_answer' | 'declined' | 'lost' | 'no_media' | 'loss_up' | 'loss_down' | 'slow' | 'frozen' | 'no_sound'

export interface Fault {
  venue_id: string
  name: string
  key: FaultKey
  tone: Tone
  /** Attempt, percent or milliseconds, as the key says. */
  value: number
}

const fault = (row: Row, key: FaultKey, tone: Tone, value = 0): Fault => ({ venue_id: row.venue_id, name: row.name, key, tone, value })

function ofRow(row: Row, figures: MediaFigures | undefined): Fault[] {
  const { state, reason, attempt } = row.connection
  if (state === 'reconnecting') return [fault(row, 'reconnecting', 'warn', attempt)]
  if (state === 'failed' && reason) return [fault(row, reason, 'bad')]
  if (state !== 'joined') return row.role === 'main' && state !== 'not_called' ? [fault(row, 'main_absent', 'bad')] : []
  if (!figures) return [fault(row, 'no_media', 'bad')]
  const found: Fault[] = []
  const up = Math.max(0, ...figures.sources.map((source) => source.loss_percent))
  if (up > LOSS_MAX_PERCENT) found.push(fault(row, 'loss_up', 'warn', up))
  if (figures.down_loss_percent > LOSS_MAX_PERCENT) found.push(fault(row, 'loss_down', 'warn', figures.down_loss_percent))
  if ((figures.rtt_ms ?? 0) > RTT_MAX_MS) found.push(fault(row, 'slow', 'warn', figures.rtt_ms!))
  if ((figures.shown?.frozen_ms ?? 0) > FROZEN_MAX_MS) found.push(fault(row, 'frozen', 'warn', figures.shown!.frozen_ms))
  const sound = figures.sources.find((source) => source.kind === 'audio')
  if (!row.mic.closed && sound?.open && sound.bitrate_bps === 0) found.push(fault(row, 'no_sound', 'bad'))
  return found
}

const WEIGHT: Record<Tone, number> = { bad: 0, warn: 1, info: 2, ok: 3, quiet: 4 }

/** The gravest first, then in the order of the roster. */
export function faults(meeting: Conference, media: readonly MediaFigures[]): Fault[] {
  const of = (row: Row) => ofRow(row, media.find((one) => one.venue_id === row.venue_id))
  return meeting.roster.flatMap(of).sort((a, b) => WEIGHT[a.tone] - WEIGHT[b.tone])
}
