// One websocket for the whole page: resumes at (epoch, seq), retries commands until answered, never gives up.
import { backoff, clockOffset, deadAfter, freshness, type Freshness } from './model'
import type { ClientFrame, Cursor, Entry, MapView, ServerFrame } from './protocol'

export interface Wire {
  send(text: string): void
  close(): void
  onopen: (() => void) | null
  onclose: (() => void) | null
  onmessage: ((data: string | ArrayBuffer) => void) | null
}

/** The world as the socket sees it; tests bring their own. */
export interface World {
  connect(): Wire
  now(): number
  chance(): number
  after(ms: number, run: () => void): unknown
  cancel(timer: unknown): void
  newId(): string
}

export interface Subscriber {
  entry(entry: Entry): void
  /** What was read before is no longer sure: forget it and read it again; entries after `seq` follow. */
  reset?(reason: string, seq: number): void
  /** Everything up to now has been delivered. */
  live?(seq: number): void
}

export interface ViewSubscriber {
  /** `fresh`: the view begins anew, what was told of it before no longer counts. */
  features?(upsert: unknown[], remove: string[], fresh: boolean): void
}

export interface CommandAnswer {
  status: number
  body: unknown
}

interface Subscription {
  topics: string[]
  cursor: Cursor | null
  to: Subscriber
}

interface View {
  view: MapView
  to: ViewSubscriber
}

interface Command {
  frame: ClientFrame & { op: 'command' }
  answer(answer: CommandAnswer): void
  sent_at: number
}

/** A command unanswered for so long on an open line is sent once more; its id makes that harmless. */
const COMMAND_RETRY_MS = 8_000
const TICK_MS = 1_000

export class LiveSocket {
  private wire: Wire | null = null
  private open = false
  private running = false
  private attempt = 0
  private epoch: string | null = null
  private beat_ms = 5_000
  private heard_at: number | null = null
  private opened_at = 0
  private offset_ms = 0
  private retry: unknown = null
  private tick: unknown = null
  private nextSub = 1
  private readonly subscriptions = new Map<number, Subscription>()
  private readonly views = new Map<number, View>()
  private readonly commands = new Map<string, Command>()
  private readonly binary = new Set<(frame: ArrayBuffer) => void>()
  private readonly watchers = new Set<() => void>()
  private readonly rights = new Set<() => void>()
  /** Place of the change of rights that was told last, while its frames are coming in. */
  private rights_at: number | null = null

  constructor(
    private readonly world: World,
    private readonly client = 'web',
  ) {}

  /** Connects and stays connected until `stop`. */
  start(): void {
    if (this.running) return
    this.running = true
    this.attempt = 0
    this.connect()
    this.watch()
  }

  /** Leaves and forgets the cursors' account: subscriptions stay, unanswered commands do not. */
  stop(): void {
    this.running = false
    this.world.cancel(this.retry)
    this.world.cancel(this.tick)
    this.commands.clear()
    this.drop()
    this.heard_at = null
    this.changed()
  }

  /** The network or the page came back: do not wait for the timer. */
  wake(): void {
    if (!this.running) return
    if (!this.wire) {
      this.attempt = 0
      this.connect()
    } else if (this.open) this.send({ op: 'ping', at: this.world.now() })
  }

  /** Reads topics from `from` on; without it, from the head. Returns how to stop. */
  subscribe(topics: string[], to: Subscriber, from: { seq: number; epoch?: string } | null = null): () => void {
    const sub = this.nextSub++
    const epoch = from?.epoch ?? this.epoch
    this.subscriptions.set(sub, { topics, cursor: from && epoch ? { epoch, seq: from.seq } : null, to })
    if (this.open) this.sendSubscribe(sub)
    return () => {
      if (this.subscriptions.delete(sub) && this.open) this.send({ op: 'unsubscribe', sub })
    }
  }

  /** Follows map features in a box. `move` changes the box, `stop` ends it. */
  view(view: MapView, to: ViewSubscriber): { sub: number; move(view: MapView): void; stop(): void } {
    const sub = this.nextSub++
    const mine: View = { view, to }
    this.views.set(sub, mine)
    if (this.open) this.send({ op: 'view', sub, ...view })
    return {
      sub,
      move: (next) => {
        mine.view = next
        if (this.open) this.send({ op: 'view', sub, ...next })
      },
      stop: () => {
        if (this.views.delete(sub) && this.open) this.send({ op: 'unsubscribe', sub })
      },
    }
  }

  /** Hears binary frames (map state). */
  onBinary(listener: (frame: ArrayBuffer) => void): () => void {
    this.binary.add(listener)
    return () => this.binary.delete(listener)
  }

  /** Sends a command and answers when the server has answered, over as many reconnects as that takes. */
  command(method: string, path: string, body: unknown, id = this.world.newId()): Promise<CommandAnswer> {
    return new Promise((answer) => {
      const command: Command = { frame: { op: 'command', id, method, path, body }, answer, sent_at: this.world.now() }
      this.commands.set(id, command)
      if (this.open) this.send(command.frame)
    })
  }

  /** How fresh the page is, for the pill in the top bar. */
  freshness(): Freshness {
    return freshness({ open: this.open, heard_at: this.heard_at, beat_ms: this.beat_ms }, this.world.now(), this.offset_ms)
  }

  /** ms UTC on the server's clock. */
  serverNow(): number {
    return this.world.now() + this.offset_ms
  }

  /** Told once a second and at every change of the line. */
  onChange(watcher: () => void): () => void {
    this.watchers.add(watcher)
    return () => this.watchers.delete(watcher)
  }

  /** Told once per change of rights, however many subscriptions begin anew by it. */
  onRights(watcher: () => void): () => void {
    this.rights.add(watcher)
    return () => this.rights.delete(watcher)
  }

  private rightsChanged(seq: number): void {
    if (this.rights_at === seq) return
    this.rights_at = seq
    // The next change may come before anything else is written to the journal.
    this.world.after(TICK_MS, () => (this.rights_at = null))
    for (const watcher of this.rights) watcher()
  }

  private connect(): void {
    this.world.cancel(this.retry)
    this.retry = null
    const wire = this.world.connect()
    this.wire = wire
    this.opened_at = this.world.now()
    wire.onopen = () => {
      if (this.wire === wire) this.send({ op: 'hello', client: this.client })
    }
    wire.onclose = () => {
      if (this.wire === wire) this.lost()
    }
    wire.onmessage = (data) => {
      if (this.wire === wire) this.receive(data)
    }
  }

  private lost(retry_ms?: number): void {
    this.drop()
    this.changed()
    if (!this.running) return
    const wait = retry_ms ?? backoff(this.attempt, this.world.chance())
    this.attempt += 1
    this.retry = this.world.after(wait, () => this.connect())
  }

  private drop(): void {
    const wire = this.wire
    this.wire = null
    this.open = false
    if (!wire) return
    wire.onopen = wire.onclose = wire.onmessage = null
    wire.close()
  }

  /** Watches the line: a dead one is dropped, an unanswered command is sent again. */
  private watch(): void {
    this.tick = this.world.after(TICK_MS, () => {
      const now = this.world.now()
      const quietSince = this.open ? (this.heard_at ?? this.opened_at) : this.opened_at
      if (this.wire && now - quietSince > deadAfter(this.beat_ms)) this.lost()
      for (const command of this.open ? this.commands.values() : []) {
        if (now - command.sent_at < COMMAND_RETRY_MS) continue
        command.sent_at = now
        this.send(command.frame)
      }
      this.changed()
      if (this.running) this.watch()
    })
  }

  private receive(data: string | ArrayBuffer): void {
    this.heard_at = this.world.now()
    if (typeof data !== 'string') {
      for (const listener of this.binary) listener(data)
      return
    }
    this.handle(JSON.parse(data) as ServerFrame)
  }

  private handle(frame: ServerFrame): void {
    switch (frame.op) {
      case 'welcome':
        return this.welcome(frame)
      case 'entry':
        return this.deliver(frame.sub, frame.entry)
      case 'live': {
        const subscription = this.subscriptions.get(frame.sub)
        if (!subscription) return
        this.advance(subscription, frame.seq)
        return subscription.to.live?.(frame.seq)
      }
      case 'reset': {
        // A view is never told `reset`: when rights change its next frame is fresh.
        const subscription = this.subscriptions.get(frame.sub)
        if (!subscription) return
        subscription.cursor = this.epoch ? { epoch: this.epoch, seq: frame.seq } : null
        if (frame.reason === 'rights') this.rightsChanged(frame.seq)
        return subscription.to.reset?.(frame.reason, frame.seq)
      }
      case 'result': {
        const command = this.commands.get(frame.id)
        if (!command) return
        this.commands.delete(frame.id)
        return command.answer({ status: frame.status, body: frame.body })
      }
      case 'features':
        return this.views.get(frame.sub)?.to.features?.(frame.upsert, frame.remove, frame.fresh === true)
      case 'beat':
        this.offset_ms = clockOffset(frame.server_time, this.world.now())
        return
      case 'refused':
        return console.warn(`socket: ${frame.problem.code} ${frame.problem.detail_en ?? ''}`)
      case 'bye':
        return this.lost(frame.retry_ms)
      case 'pong':
        return
    }
  }

  private welcome(frame: ServerFrame & { op: 'welcome' }): void {
    this.open = true
    this.attempt = 0
    this.epoch = frame.epoch
    this.beat_ms = frame.beat_ms
    this.offset_ms = clockOffset(frame.server_time, this.world.now())
    for (const sub of this.subscriptions.keys()) this.sendSubscribe(sub)
    for (const [sub, { view }] of this.views) this.send({ op: 'view', sub, ...view })
    for (const command of this.commands.values()) {
      command.sent_at = this.world.now()
      this.send(command.frame)
    }
    this.changed()
  }

  private deliver(sub: number, entry: Entry): void {
    const subscription = this.subscriptions.get(sub)
    if (!subscription) return
    const { cursor } = subscription
    // A resumed line may say again what was already heard.
    if (cursor && cursor.epoch === entry.epoch && entry.seq <= cursor.seq) return
    subscription.cursor = { epoch: entry.epoch, seq: entry.seq }
    subscription.to.entry(entry)
  }

  private advance(subscription: Subscription, seq: number): void {
    if (!this.epoch) return
    if (subscription.cursor?.epoch === this.epoch && subscription.cursor.seq >= seq) return
    subscription.cursor = { epoch: this.epoch, seq }
  }

  private sendSubscribe(sub: number): void {
    const { topics, cursor } = this.subscriptions.get(sub)!
    this.send({ op: 'subscribe', sub, topics, from: cursor })
  }

  private send(frame: ClientFrame): void {
    this.wire?.send(JSON.stringify(frame))
  }

  private changed(): void {
    for (const watcher of this.watchers) watcher()
  }
}
