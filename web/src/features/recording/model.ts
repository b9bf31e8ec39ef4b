// Recordings as the catalogue tells them, and their timeline: who was recorded when, and what is missing.

export interface Gap {
  track: 'picture' | 'sound'
  cause: 'lost' | 'overload' | 'absent'
  from_ms: number
  until_ms: number
}

export interface Segment {
  segment_id: string
  venue_id: string
  venue_name: string
  file: string
  started_at: number
  duration_ms: number
  bytes: number
  picture_codec: string | null
  width: number | null
  height: number | null
  sound: boolean
  gaps: Gap[]
  hash: string
  salvaged: boolean
}

export type EndedWhy = 'asked' | 'conference_ended' | 'disk_full' | 'disk_failed'

export interface Recording {
  recording_id: string
  conference_id: string
  title: string
  division: string
  started_at: number
  started_by: string
  ended_at: number | null
  ended_why: EndedWhy | null
  bytes: number
  segments: Segment[]
  version: number
}

export interface State {
  running: boolean
  started_at: number | null
  started_by: string | null
  ended_why: EndedWhy | null
  recording_id: string | null
}

/** An alarm: the last recording did not end because somebody wanted it to. */
export function isAlarm(why: EndedWhy | null): boolean {
  return why === 'disk_full' || why === 'disk_failed'
}

/** A stretch of a line, in parts of its whole length. */
export interface Stretch {
  left: number
  width: number
}

export interface Bar extends Stretch {
  segment: Segment
  gaps: (Stretch & { gap: Gap })[]
}

export interface VenueLine {
  venue_id: string
  name: string
  bars: Bar[]
}

/** When a recording's timeline begins and how long it is, ms. */
export function span(recording: Recording): { from: number; length: number } {
  const begins = recording.segments.map((segment) => segment.started_at)
  const ends = recording.segments.map((segment) => segment.started_at + segment.duration_ms)
  const from = Math.min(...begins, begins.length ? Infinity : recording.started_at)
  return { from, length: Math.max(1, Math.max(...ends, from) - from) }
}

/** A line for each venue, by name, its segments in their places. */
export function lines(recording: Recording): VenueLine[] {
  const { from, length } = span(recording)
  const venues = new Map<string, VenueLine>()
  for (const segment of recording.segments) {
    const line = venues.get(segment.venue_id) ?? { venue_id: segment.venue_id, name: segment.venue_name, bars: [] }
    venues.set(segment.venue_id, line)
    line.bars.push({
      segment,
      left: (segment.started_at - from) / length,
      width: segment.duration_ms / length,
      gaps: gapsOf(segment),
    })
  }
  return [...venues.values()].sort((a, b) => a.name.localeCompare(b.name, 'zh'))
}

/** A segment's gaps in parts of the segment. */
export function gapsOf(segment: Segment): (Stretch & { gap: Gap })[] {
  const length = Math.max(1, segment.duration_ms)
  return segment.gaps.map((gap) => {
    const left = Math.min(1, Math.max(0, gap.from_ms / length))
    const right = Math.min(1, Math.max(left, gap.until_ms / length))
    return { gap, left, width: right - left }
  })
}

/** `1.5 GB`, with the units of disks. */
export function sizeText(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB']
  let size = bytes
  let unit = 0
  while (size >= 1_000 && unit < units.length - 1) {
    size /= 1_000
    unit += 1
  }
  return `${unit === 0 || size >= 100 ? Math.round(size) : size.toFixed(1)} ${units[unit]}`
}

/** `1:02:03` or `02:03`. */
export function lengthText(ms: number): string {
  const seconds = Math.round(ms / 1_000)
  const two = (n: number) => String(n).padStart(2, '0')
  const hours = Math.floor(seconds / 3_600)
  return `${hours ? `${hours}:` : ''}${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
}
