// The only file naming RTCPeerConnection: a venue's two media connections, sending and receiving, kept alive for ever.
//
// Tracks belong to the caller: nothing here stops one. Whether the microphone is sent is the server's word
// (`setMicrophoneOpen`), and a reconnect repeats it before the first packet.
import { restartFragment, withCredentials } from './fragment'
import { BLINK_MS, PATIENCE_MS, rung } from './ladder'
import { close, open, restart, type Session, type Where } from './signalling'

export type LegState = 'idle' | 'connecting' | 'connected' | 'recovering'

export interface Slots {
  video: number
  audio: number
}

export interface PeerEvents {
  /** The worse of both directions. */
  state?(state: LegState): void
  /** Tracks of the receive connection by media line. They end and are replaced when it is made anew. */
  tracks?(tracks: ReadonlyMap<string, MediaStreamTrack>): void
  /** Before a connection is made anew: take the seat again, in case the server has forgotten it. */
  rejoin?(): Promise<void>
  /** Something did not work; it will be tried again. */
  trouble?(error: unknown): void
}

/** What the browser measures, for the technician and for tests. */
export interface LegFigures {
  srtp_cipher: string | null
  rtt_ms: number | null
  lines: Record<string, { kind: string; packets: number; frames: number; audio_energy: number; width: number; height: number }>
}

/** Three layers, smallest first: a gallery takes the first, a wall the last. The server picks per receiver. */
const LAYERS: RTCRtpEncodingParameters[] = [
  { rid: 'q', scaleResolutionDownBy: 4, maxBitrate: 150_000 },
  { rid: 'h', scaleResolutionDownBy: 2, maxBitrate: 500_000 },
  { rid: 'f', scaleResolutionDownBy: 1, maxBitrate: 1_800_000 },
]

/** One connection with its ladder. */
class Leg {
  state: LegState = 'idle'
  private pc: RTCPeerConnection | null = null
  private session: Session | null = null
  private attempt = 0
  private round = 0
  private timer: ReturnType<typeof setTimeout> | null = null

  constructor(
    private readonly way: 'whip' | 'whep',
    private readonly where: Where,
    private readonly prepare: (pc: RTCPeerConnection) => void,
    private readonly connected: (pc: RTCPeerConnection) => void,
    private readonly changed: () => void,
    private readonly rejoin: () => Promise<void>,
    private readonly trouble: (error: unknown) => void,
  ) {}

  start(): void {
    if (this.state !== 'idle') return
    this.set('connecting')
    void this.reconnect(this.round)
  }

  stop(): void {
    this.round += 1
    this.drop()
    this.set('idle')
  }

  /** The line is known to be back, or known to be gone: climb from the first rung, now. */
  hurry(forgotten: boolean): void {
    if (this.state === 'idle' || (this.state === 'connected' && !forgotten)) return
    this.attempt = 0
    if (forgotten) this.session = null
    this.recover()
  }

  get connection(): RTCPeerConnection | null {
    return this.pc
  }

  private recover(): void {
    const round = ++this.round
    const { step, wait_ms } = rung(this.attempt, this.session !== null && this.pc !== null)
    this.attempt += 1
    this.set('recovering')
    this.later(wait_ms, () => void (step === 'restart' ? this.restartIce(round) : this.reconnect(round)))
  }

  private async restartIce(round: number): Promise<void> {
    const { pc, session } = this
    if (!pc || !session) return this.recover()
    this.later(PATIENCE_MS.restart, () => this.recover())
    try {
      await pc.setLocalDescription(await pc.createOffer({ iceRestart: true }))
      const fragment = await restart(session, restartFragment(pc.localDescription!.sdp))
      if (round !== this.round) return
      session.answer = withCredentials(session.answer, fragment)
      await pc.setRemoteDescription({ type: 'answer', sdp: session.answer })
    } catch (error) {
      if (round !== this.round) return
      this.session = null
      this.trouble(error)
      this.recover()
    }
  }

  private async reconnect(round: number): Promise<void> {
    this.drop()
    this.later(PATIENCE_MS.reconnect, () => this.recover())
    const pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle' })
    this.pc = pc
    pc.addEventListener('connectionstatechange', () => this.watch(pc))
    try {
      if (this.attempt > 0) await this.rejoin()
      if (round !== this.round) return pc.close()
      this.prepare(pc)
      await pc.setLocalDescription(await pc.createOffer())
      const session = await open(this.way, this.where, pc.localDescription!.sdp)
      if (round !== this.round) return close(session)
      this.session = session
      await pc.setRemoteDescription({ type: 'answer', sdp: session.answer })
      this.connected(pc)
    } catch (error) {
      if (round !== this.round) return
      this.trouble(error)
      this.recover()
    }
  }

  private watch(pc: RTCPeerConnection): void {
    if (pc !== this.pc) return
    if (pc.connectionState === 'connected') {
      this.clear()
      this.attempt = 0
      this.set('connected')
    } else if (pc.connectionState === 'failed') {
      this.recover()
    } else if (pc.connectionState === 'disconnected' && this.state === 'connected') {
      this.set('recovering')
      this.later(BLINK_MS, () => this.recover())
    }
  }

  private drop(): void {
    this.clear()
    if (this.session) close(this.session)
    this.session = null
    const pc = this.pc
    this.pc = null
    pc?.close()
  }

  private set(state: LegState): void {
    if (this.state === state) return
    this.state = state
    this.changed()
  }

  private later(ms: number, run: () => void): void {
    this.clear()
    this.timer = setTimeout(run, ms)
  }

  private clear(): void {
    if (this.timer !== null) clearTimeout(this.timer)
    this.timer = null
  }
}

export class Peer {
  private readonly sending: Leg
  private readonly receiving: Leg
  private camera: MediaStreamTrack | null = null
  private microphone: MediaStreamTrack | null = null
  private microphoneOpen = false
  private senders: { camera: RTCRtpSender; microphone: RTCRtpSender } | null = null
  private readonly online = () => this.hurry(false)

  constructor(
    where: Where,
    slots: Slots,
    private readonly events: PeerEvents,
  ) {
    const changed = () => this.events.state?.(this.state)
    const rejoin = async () => this.events.rejoin?.()
    const trouble = (error: unknown) => this.events.trouble?.(error)
    this.sending = new Leg('whip', where, (pc) => this.offerTracks(pc), () => void this.sendTracks(), changed, rejoin, trouble)
    this.receiving = new Leg('whep', where, (pc) => offerSlots(pc, slots), (pc) => this.tellTracks(pc), changed, rejoin, trouble)
    window.addEventListener('online', this.online)
  }

  get state(): LegState {
    const states = [this.sending.state, this.receiving.state]
    const worst: LegState[] = ['recovering', 'connecting', 'connected']
    return worst.find((state) => states.includes(state)) ?? 'idle'
  }

  /** Starts receiving, and sending when there is something to send. */
  start(): void {
    this.receiving.start()
    if (this.camera || this.microphone) this.sending.start()
  }

  stop(): void {
    window.removeEventListener('online', this.online)
    this.sending.stop()
    this.receiving.stop()
  }

  /** Tries again at once. `forgotten`: the server no longer knows these connections. */
  hurry(forgotten: boolean): void {
    this.sending.hurry(forgotten)
    this.receiving.hurry(forgotten)
  }

  /** Changes what is sent without a new connection; null sends nothing. */
  setDevices(camera: MediaStreamTrack | null, microphone: MediaStreamTrack | null): void {
    this.camera = camera
    this.microphone = microphone
    void this.sendTracks()
    if (this.receiving.state !== 'idle' && (camera || microphone)) this.sending.start()
  }

  /** The server's word about our microphone. */
  setMicrophoneOpen(open: boolean): void {
    if (this.microphoneOpen === open) return
    this.microphoneOpen = open
    void this.sendTracks()
  }

  async figures(): Promise<{ sending: LegFigures | null; receiving: LegFigures | null }> {
    const [sending, receiving] = await Promise.all([read(this.sending.connection), read(this.receiving.connection)])
    return { sending, receiving }
  }

  private offerTracks(pc: RTCPeerConnection): void {
    const stream = new MediaStream()
    const options: RTCRtpTransceiverInit = { direction: 'sendonly', streams: [stream] }
    const camera = pc.addTransceiver('video', { ...options, sendEncodings: LAYERS })
    forwardedOnly(camera)
    const microphone = pc.addTransceiver('audio', options)
    this.senders = { camera: camera.sender, microphone: microphone.sender }
  }

  private async sendTracks(): Promise<void> {
    const { senders } = this
    if (!senders) return
    const microphone = this.microphoneOpen ? this.microphone : null
    try {
      if (senders.camera.track !== this.camera) await senders.camera.replaceTrack(this.camera)
      if (senders.microphone.track !== microphone) await senders.microphone.replaceTrack(microphone)
    } catch (error) {
      // The connection was closed meanwhile; the next one sends the present tracks.
      if (!(error instanceof DOMException && error.name === 'InvalidStateError')) this.events.trouble?.(error)
    }
  }

  private tellTracks(pc: RTCPeerConnection): void {
    const lines = pc.getTransceivers().filter((line) => line.mid !== null)
    this.events.tracks?.(new Map(lines.map((line) => [line.mid!, line.receiver.track])))
  }
}

/** A media line per slot, each with the codecs the tower forwards. */
function offerSlots(pc: RTCPeerConnection, slots: Slots): void {
  for (const kind of ['video', 'audio'] as const) {
    for (let n = 0; n < slots[kind]; n += 1) forwardedOnly(pc.addTransceiver(kind, { direction: 'recvonly' }))
  }
}

/** All of a browser's codecs in every line would not fit into one offer. */
function forwardedOnly(line: RTCRtpTransceiver): void {
  const known = RTCRtpReceiver.getCapabilities(line.receiver.track.kind)?.codecs ?? []
  const wanted = known.filter(forwarded)
  if (wanted.length > 0) line.setCodecPreferences(wanted)
}

function forwarded(codec: RTCRtpCodec): boolean {
  const type = codec.mimeType.toLowerCase()
  if (type === 'video/h264') return /packetization-mode=1/.test(codec.sdpFmtpLine ?? '') && /profile-level-id=42e0/i.test(codec.sdpFmtpLine ?? '')
  return type === 'video/vp8' || type === 'video/rtx' || type === 'audio/opus'
}

async function read(pc: RTCPeerConnection | null): Promise<LegFigures | null> {
  if (!pc) return null
  const figures: LegFigures = { srtp_cipher: null, rtt_ms: null, lines: {} }
  for (const report of (await pc.getStats()).values() as Iterable<Record<string, unknown>>) {
    const { type } = report
    if (type === 'transport') figures.srtp_cipher = typeof report.srtpCipher === 'string' ? report.srtpCipher : null
    if (type === 'candidate-pair' && report.nominated && report.currentRoundTripTime !== undefined) {
      figures.rtt_ms = Math.round(Number(report.currentRoundTripTime) * 1_000)
    }
    if ((type === 'inbound-rtp' || type === 'outbound-rtp') && report.mid !== undefined) {
      figures.lines[String(report.mid)] = {
        kind: String(report.kind),
        packets: Number(report.packetsReceived ?? report.packetsSent ?? 0),
        frames: Number(report.framesDecoded ?? report.framesEncoded ?? 0),
        audio_energy: Number(report.totalAudioEnergy ?? 0),
        width: Number(report.frameWidth ?? 0),
        height: Number(report.frameHeight ?? 0),
      }
    }
  }
  return figures
}
