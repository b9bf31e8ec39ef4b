import { expect, test } from 'vitest'
import type { ClientFrame, Entry, ServerFrame } from './protocol'
import { LiveSocket, type Wire } from './socket'

class Line implements Wire {
  sent: ClientFrame[] = []
  closed = false
  onopen: (() => void) | null = null
  onclose: (() => void) | null = null
  onmessage: ((data: string | ArrayBuffer) => void) | null = null
  send(text: string) {
    this.sent.push(JSON.parse(text) as ClientFrame)
  }
  close() {
    this.closed = true
  }
  say(frame: ServerFrame) {
    this.onmessage?.(JSON.stringify(frame))
  }
  welcome(epoch = 'e1', head_seq = 0) {
    this.onopen?.()
    this.say({ op: 'welcome', session: 's', epoch, head_seq, server_time: 1_000_000, beat_ms: 5_000 })
  }
  break() {
    this.onclose?.()
  }
}

function world() {
  let now = 0
  let id = 0
  let timers: { at: number; run: () => void }[] = []
  const lines: Line[] = []
  const socket = new LiveSocket({
    connect: () => {
      const line = new Line()
      lines.push(line)
      return line
    },
    now: () => now,
    chance: () => 1,
    after: (ms, run) => {
      const timer = { at: now + ms, run }
      timers.push(timer)
      return timer
    },
    cancel: (timer) => {
      timers = timers.filter((other) => other !== timer)
    },
    newId: () => `c${(id += 1)}`,
  })
  const pass = (ms: number) => {
    const until = now + ms
    for (;;) {
      const next = timers.filter((timer) => timer.at <= until).sort((a, b) => a.at - b.at)[0]
      if (!next) break
      timers = timers.filter((timer) => timer !== next)
      now = next.at
      next.run()
    }
    now = until
  }
  return { socket, lines, pass, last: () => lines[lines.length - 1]! }
}

const entry = (seq: number, epoch = 'e1'): Entry => ({
  epoch, seq, at: 0, actor: '', jurisdiction: '22', topics: ['incident'], kind: 'incident.reported', entity: 'i', entity_version: 1, payload: {},
})

test('it says hello and subscribes only after the welcome', () => {
  const { socket, last } = world()
  socket.subscribe(['incident'], { entry: () => {} })
  socket.start()
  last().onopen?.()
  expect(last().sent).toEqual([{ op: 'hello', client: 'web' }])
  last().welcome()
  expect(last().sent.at(-1)).toEqual({ op: 'subscribe', sub: 1, topics: ['incident'], from: null })
})

test('after a break it resumes behind the last entry and drops repeated ones', () => {
  const { socket, last, pass } = world()
  const heard: number[] = []
  socket.subscribe(['incident'], { entry: (e) => heard.push(e.seq) })
  socket.start()
  last().welcome()
  last().say({ op: 'live', sub: 1, seq: 4 })
  last().say({ op: 'entry', sub: 1, entry: entry(5) })
  last().break()
  pass(600)
  last().welcome()
  expect(last().sent.at(-1)).toMatchObject({ op: 'subscribe', from: { epoch: 'e1', seq: 5 } })
  last().say({ op: 'entry', sub: 1, entry: entry(5) })
  last().say({ op: 'entry', sub: 1, entry: entry(6) })
  expect(heard).toEqual([5, 6])
})

test('a reset tells the reader and starts behind its position', () => {
  const { socket, last, pass } = world()
  const told: [string, number][] = []
  socket.subscribe(['incident'], { entry: () => {}, reset: (reason, seq) => told.push([reason, seq]) })
  socket.start()
  last().welcome()
  last().say({ op: 'entry', sub: 1, entry: entry(9) })
  last().break()
  pass(600)
  last().welcome('e2')
  last().say({ op: 'reset', sub: 1, reason: 'epoch', seq: 2 })
  expect(told).toEqual([['epoch', 2]])
  const heard: number[] = []
  socket.subscribe(['incident'], { entry: (e) => heard.push(e.seq) })
  last().break()
  pass(600)
  last().welcome('e2')
  expect(last().sent).toContainEqual({ op: 'subscribe', sub: 1, topics: ['incident'], from: { epoch: 'e2', seq: 2 } })
})

test('a command is sent again with the same id until it is answered', async () => {
  const { socket, last, pass } = world()
  socket.start()
  last().welcome()
  const answer = socket.command('POST', '/api/v1/incidents', { title: 'x' })
  const first = last().sent.at(-1)
  last().break()
  pass(600)
  last().welcome()
  expect(last().sent.at(-1)).toEqual(first)
  pass(5_000)
  last().say({ op: 'beat', server_time: 0, head_seq: 0 })
  pass(4_000)
  expect(last().sent.filter((frame) => frame.op === 'command')).toHaveLength(2)
  last().say({ op: 'result', id: 'c1', status: 201, body: { ok: true } })
  expect(await answer).toEqual({ status: 201, body: { ok: true } })
})

test('it never gives up, and waits at most half a minute', () => {
  const { socket, lines, last, pass } = world()
  socket.start()
  for (let i = 0; i < 50; i += 1) {
    const before = lines.length
    last().break()
    pass(30_000)
    expect(lines.length).toBeGreaterThan(before)
  }
})

test('a silent line is dropped although it looks open', () => {
  const { socket, lines, last, pass } = world()
  socket.start()
  last().welcome()
  pass(9_000)
  expect(socket.freshness()).toEqual({ state: 'delayed', seconds: 9 })
  pass(9_000)
  expect(lines[0]!.closed).toBe(true)
  expect(lines).toHaveLength(2)
  last().welcome()
  expect(socket.freshness()).toEqual({ state: 'live' })
})

test('a connection that never opens is given up for a new one', () => {
  const { socket, lines, pass } = world()
  socket.start()
  pass(17_000)
  expect(lines.length).toBeGreaterThan(1)
})

test('a network that is back is used at once', () => {
  const { socket, lines, last } = world()
  socket.start()
  last().break()
  expect(lines).toHaveLength(1)
  socket.wake()
  expect(lines).toHaveLength(2)
})

test('a broken line tells when it last heard something, on the server clock', () => {
  const { socket, last, pass } = world()
  socket.start()
  last().welcome()
  pass(2_000)
  last().break()
  expect(socket.freshness()).toEqual({ state: 'broken', last_at: 1_000_000 })
  expect(socket.serverNow()).toBe(1_002_000)
})

test('a map view is asked for again after a reconnect, at its newest box', () => {
  const { socket, last, pass } = world()
  socket.start()
  last().welcome()
  const view = socket.view({ layers: ['incident'], bbox: [0, 0, 1, 1], zoom: 5 }, {})
  view.move({ layers: ['incident'], bbox: [1, 1, 2, 2], zoom: 6 })
  last().break()
  pass(600)
  last().welcome()
  expect(last().sent.at(-1)).toEqual({ op: 'view', sub: 1, layers: ['incident'], bbox: [1, 1, 2, 2], zoom: 6 })
})

test('the server may ask for a pause before the next try', () => {
  const { socket, lines, last, pass } = world()
  socket.start()
  last().welcome()
  last().say({ op: 'bye', code: 'restart', retry_ms: 2_000 })
  pass(1_900)
  expect(lines).toHaveLength(1)
  pass(200)
  expect(lines).toHaveLength(2)
})

test('lost rights: every subscription begins anew behind one place, every view by its fresh frame, and nobody twice', () => {
  const { socket, last } = world()
  const told: unknown[] = []
  const features: [unknown[], string[], boolean][] = []
  let rights = 0
  socket.onRights(() => (rights += 1))
  socket.subscribe(['incident'], { entry: (e) => told.push(['incident', e.seq]), reset: (...why) => told.push(['incident', ...why]) })
  socket.subscribe(['venue'], { entry: (e) => told.push(['venue', e.seq]), reset: (...why) => told.push(['venue', ...why]) })
  socket.view({ layers: ['incident'], bbox: [0, 0, 1, 1], zoom: 5 }, { features: (...frame) => features.push(frame) })
  socket.start()
  last().welcome()
  last().say({ op: 'features', sub: 3, fresh: true, upsert: ['a', 'b'], remove: [] })
  last().say({ op: 'entry', sub: 1, entry: entry(5) })
  // The server's order: resets with one place, then the beat; the fresh frame with the map's next tick.
  last().say({ op: 'reset', sub: 1, reason: 'rights', seq: 7 })
  last().say({ op: 'reset', sub: 2, reason: 'rights', seq: 7 })
  last().say({ op: 'beat', server_time: 0, head_seq: 7 })
  last().say({ op: 'features', sub: 3, fresh: true, upsert: [], remove: [] })
  expect(told).toEqual([['incident', 5], ['incident', 'rights', 7], ['venue', 'rights', 7]])
  expect(features).toEqual([[['a', 'b'], [], true], [[], [], true]])
  expect(rights).toBe(1)
  // No `live` follows; entries behind the place do, earlier ones do not count any more.
  last().say({ op: 'entry', sub: 1, entry: entry(6) })
  last().say({ op: 'entry', sub: 1, entry: entry(8) })
  expect(told.slice(3)).toEqual([['incident', 8]])
})

test('rights that change again are told again, also at the same place of the journal', () => {
  const { socket, last, pass } = world()
  let rights = 0
  socket.onRights(() => (rights += 1))
  socket.subscribe(['incident'], { entry: () => {} })
  socket.start()
  last().welcome()
  last().say({ op: 'reset', sub: 1, reason: 'rights', seq: 7 })
  pass(5_000)
  last().say({ op: 'reset', sub: 1, reason: 'rights', seq: 7 })
  expect(rights).toBe(2)
  last().say({ op: 'reset', sub: 1, reason: 'gap', seq: 9 })
  expect(rights).toBe(2)
})

test('a reset after a change of rights is where a broken line goes on', () => {
  const { socket, last, pass } = world()
  socket.subscribe(['incident'], { entry: () => {} })
  socket.start()
  last().welcome()
  last().say({ op: 'reset', sub: 1, reason: 'rights', seq: 7 })
  last().break()
  pass(600)
  last().welcome()
  expect(last().sent.at(-1)).toMatchObject({ op: 'subscribe', from: { epoch: 'e1', seq: 7 } })
})

test('a moved view keeps what is known, a view after a reconnect begins anew', () => {
  const { socket, last, pass } = world()
  const fresh: boolean[] = []
  const view = socket.view({ layers: ['incident'], bbox: [0, 0, 1, 1], zoom: 5 }, { features: (_upsert, _remove, anew) => fresh.push(anew) })
  socket.start()
  last().welcome()
  last().say({ op: 'features', sub: 1, fresh: true, upsert: ['a'], remove: [] })
  view.move({ layers: ['incident'], bbox: [1, 1, 2, 2], zoom: 5 })
  last().say({ op: 'features', sub: 1, fresh: false, upsert: ['b'], remove: ['a'] })
  last().break()
  pass(600)
  last().welcome()
  last().say({ op: 'features', sub: 1, fresh: true, upsert: ['b'], remove: [] })
  expect(fresh).toEqual([true, false, true])
})

test('frames for what was ended meanwhile are nobody’s', () => {
  const { socket, last } = world()
  const heard: unknown[] = []
  const stop = socket.subscribe(['incident'], { entry: (e) => heard.push(e), reset: (why) => heard.push(why) })
  const view = socket.view({ layers: ['incident'], bbox: [0, 0, 1, 1], zoom: 5 }, { features: (upsert) => heard.push(upsert) })
  socket.start()
  last().welcome()
  stop()
  view.stop()
  last().say({ op: 'reset', sub: 1, reason: 'rights', seq: 7 })
  last().say({ op: 'entry', sub: 1, entry: entry(8) })
  last().say({ op: 'features', sub: 2, fresh: true, upsert: ['a'], remove: [] })
  expect(heard).toEqual([])
})
