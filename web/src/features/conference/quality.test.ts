import { expect, test } from 'vitest'
import type { Conference, Row } from './model'
import { faults, type MediaFigures } from './quality'

const row = (venue_id: string, over: Partial<Row> = {}): Row => ({
  venue_id,
  name: venue_id,
  short_name: venue_id,
  division: '2201',
  level: 'county',
  kind: 'av',
  role: 'branch',
  position: 1,
  connection: { state: 'joined', since_at: 0, attempt: 0, reason: null },
  mic: { closed: true, by: 'policy' },
  speaker_closed: false,
  remote_open_ok: true,
  ...over,
})
const meeting = (...roster: Row[]) => ({ roster }) as Conference
const well = (venue_id: string, over: Partial<MediaFigures> = {}): MediaFigures => ({
  venue_id,
  publish_srtp: 'x',
  receive_srtp: 'x',
  sources: [{ kind: 'audio', open: true, packets: 9, bytes: 9, dropped_closed: 0, bitrate_bps: 30_000, loss_percent: 0, level_dbov: -30 }],
  sent_packets: 9,
  lost_packets: 0,
  rtt_ms: 20,
  sent_bitrate_bps: 1,
  down_loss_percent: 0,
  jitter_ms: 2,
  shown: null,
  ...over,
})
const keys = (roster: Row[], ...media: MediaFigures[]) => faults(meeting(...roster), media).map((one) => `${one.venue_id} ${one.key}`)

test('a healthy venue is no fault, one joined without media is', () => {
  expect(keys([row('a'), row('b')], well('a'))).toEqual(['b no_media'])
})

test('the gravest come first', () => {
  const away = row('c', { connection: { state: 'failed', since_at: 0, attempt: 0, reason: 'unreachable' } })
  const main = row('m', { role: 'main', connection: { state: 'elsewhere', since_at: 0, attempt: 0, reason: null } })
  expect(keys([row('a'), away, main], well('a', { down_loss_percent: 1.5 }))).toEqual(['c unreachable', 'm main_absent', 'a loss_down'])
})

test('limits are those of the commissioning: above, not at', () => {
  expect(keys([row('a')], well('a', { rtt_ms: 300, down_loss_percent: 1 }))).toEqual([])
  expect(keys([row('a')], well('a', { rtt_ms: 301 }))).toEqual(['a slow'])
  expect(keys([row('a')], well('a', { shown: { freezes: 1, frozen_ms: 600, frame_rate: 3, width: 1, height: 1 } }))).toEqual(['a frozen'])
})

test('an open microphone without packets is a fault, a closed one is not', () => {
  const silent = well('a', { sources: [{ ...well('a').sources[0]!, bitrate_bps: 0 }] })
  expect(keys([row('a', { mic: { closed: false, by: null } })], silent)).toEqual(['a no_sound'])
  expect(keys([row('a')], silent)).toEqual([])
})
