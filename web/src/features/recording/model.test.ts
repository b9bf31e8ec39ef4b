import { describe, expect, it } from 'vitest'
import { gapsOf, isAlarm, lengthText, lines, sizeText, span, type Recording, type Segment } from './model'

const segment = (venue: string, started_at: number, duration_ms: number, gaps: Segment['gaps'] = []): Segment => ({
  segment_id: `${venue}-${started_at}`,
  venue_id: venue,
  venue_name: venue,
  file: `${started_at}.webm`,
  started_at,
  duration_ms,
  bytes: 1,
  picture_codec: 'vp8',
  width: 640,
  height: 360,
  sound: true,
  gaps,
  hash: '',
  salvaged: false,
})
const recording = (segments: Segment[]): Recording => ({
  recording_id: 'r',
  conference_id: 'c',
  title: '会议',
  division: '2201',
  started_at: 500,
  started_by: '',
  ended_at: null,
  ended_why: null,
  bytes: 0,
  segments,
  version: 1,
})

describe('the timeline of a recording', () => {
  it('reaches from the first segment to the end of the last', () => {
    expect(span(recording([segment('b', 2_000, 1_000), segment('a', 1_000, 4_000)]))).toEqual({ from: 1_000, length: 4_000 })
    expect(span(recording([]))).toEqual({ from: 500, length: 1 })
  })

  it('has a line per venue with every segment in its place', () => {
    const [a, b] = lines(recording([segment('b', 2_000, 1_000), segment('a', 1_000, 4_000), segment('b', 4_000, 1_000)]))
    expect(a!.bars.map((bar) => [bar.left, bar.width])).toEqual([[0, 1]])
    expect(b!.bars.map((bar) => [bar.left, bar.width])).toEqual([[0.25, 0.25], [0.75, 0.25]])
  })

  it('keeps gaps inside their segment', () => {
    const lost = { track: 'picture', cause: 'lost', from_ms: 500, until_ms: 2_000 } as const
    expect(gapsOf(segment('a', 0, 1_000, [lost])).map(({ left, width }) => [left, width])).toEqual([[0.5, 0.5]])
  })
})

describe('what is written beside it', () => {
  it('sizes have the units of disks', () => {
    expect([0, 999, 1_500, 123_456_789, 2.5e12].map(sizeText)).toEqual(['0 B', '999 B', '1.5 KB', '123 MB', '2.5 TB'])
  })
  it('lengths have hours only when there are any', () => {
    expect([0, 61_000, 3_723_400].map(lengthText)).toEqual(['00:00', '01:01', '1:02:03'])
  })
  it('only the disk raises an alarm', () => {
    expect([null, 'asked', 'conference_ended', 'disk_full', 'disk_failed'].map((why) => isAlarm(why as never))).toEqual([false, false, false, true, true])
  })
})
