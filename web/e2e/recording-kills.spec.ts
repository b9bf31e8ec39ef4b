// The server is killed again and again while it records a browser: every file is whole afterwards, at most two seconds are lost.
import { spawnSync } from 'node:child_process'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { City, type Person } from './driver'

interface Recording {
  segments: { venue_id: string; file: string; started_at: number; duration_ms: number; salvaged: boolean }[]
}

const KILLS = Number(process.env.FENGHUOTAI_KILLS ?? 20)
const LOST_MAX_MS = 2_000

/** Length by another program's reading, seconds; null where it is not installed. */
function probed(path: string): number | null {
  const done = spawnSync('ffprobe', ['-v', 'error', '-show_entries', 'format=duration', '-of', 'csv=p=0', path], { encoding: 'utf8' })
  if (done.error) return null
  expect(done.status, done.stderr).toBe(0)
  return Number(done.stdout.trim())
}

describe('a tower that dies while it records', () => {
  let city: City
  let operator: Person
  let venue: Person
  let id: string
  let folder: string

  /** Every file of every venue with its size. */
  async function files(): Promise<Map<string, number>> {
    const found = new Map<string, number>()
    for (const place of await readdir(folder).catch(() => [])) {
      for (const name of await readdir(join(folder, place))) found.set(join(folder, place, name), (await stat(join(folder, place, name))).size)
    }
    return found
  }

  beforeAll(async () => {
    city = await City.start()
    operator = await city.arrive('operator')
    await operator.signIn()
    const { items } = await operator.call<{ items: { id: string }[] }>('GET', '/conferences')
    const meeting = items[0]!.id
    venue = await city.arrive('venue.shiwei', { colour: 'red', pitch_hz: 110 })
    await venue.signIn()
    const state = await operator.call<{ recording_id: string }>('POST', `/conferences/${meeting}/record`)
    id = state.recording_id
    folder = join(city.server.dir, 'recordings', id)
  })
  afterAll(async () => {
    await city.end()
  })

  it(
    `leaves ${KILLS} whole files after ${KILLS} kills`,
    async () => {
      const killed: number[] = []
      for (let kill = 0; kill < KILLS; kill += 1) {
        const before = await files()
        await operator.until(
          'a file that is being written',
          async () => [...(await files())].some(([path, size]) => !before.has(path) && size > 60_000),
          90_000,
        )
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 2_000))
        killed.push(Date.now())
        await city.server.kill()
        await city.server.run()
      }
      const recording = await operator.until(
        'every file in the catalogue',
        async () => {
          const now = await operator.call<Recording>('GET', `/recordings/${id}`)
          return now.segments.filter((segment) => segment.salvaged).length >= KILLS ? now : null
        },
        60_000,
      )
      const segments = recording.segments.filter((segment) => segment.salvaged).toSorted((a, b) => a.started_at - b.started_at)
      expect(segments.length).toBe(KILLS)
      const lost = segments.map((segment, at) => killed[at]! - (segment.started_at + segment.duration_ms))
      console.log(`lost by ${KILLS} kills, ms: ${lost.join(' ')}`)
      for (const ms of lost) expect(ms).toBeLessThanOrEqual(LOST_MAX_MS)
      for (const segment of segments) {
        const seconds = probed(join(folder, segment.venue_id, segment.file))
        if (seconds === null) console.log('SKIPPED ffprobe: it is not installed')
        else expect(Math.abs(seconds - segment.duration_ms / 1_000)).toBeLessThan(0.5)
      }
    },
    1_200_000,
  )
})
