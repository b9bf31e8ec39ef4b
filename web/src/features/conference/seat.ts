// One venue's seat in one meeting, kept: state from the server, media connections, devices; never gives up by itself.
import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'
import { asProblem, Problem } from '@/api/problem'
import { connection, useTopics } from '@/live'
import { capture, type Captured, type Choice, onDevicesChanged, release, rememberedChoice } from '@/media/devices'
import { type LegState, Peer } from '@/media/peer'
import { act, venueView, type VenueVerb } from './api'
import { type Line, slotsFor, type VenueView } from './model'

/** The topics say when something changed; this is for what they cannot say. */
const LOOK_ANYWAY_MS = 3_000
/** Several entries of one command become one look. */
const GATHER_MS = 40

/** How the seat is reached: by a signed-in account, or by a guest's key. */
export interface Door {
  view(): Promise<VenueView>
  act(verb: VenueVerb): Promise<unknown>
  /** Media connections carry it instead of the session. */
  bearer?: string
  /** Told by the socket; a guest has none and looks more often. */
  topics: string[]
}

const accountDoor = (conference: string, venue: string): Door => ({
  view: () => venueView(conference, venue),
  act: (verb) => act(conference, verb, venue),
  topics: [`conference/${conference}`, `venue/${venue}`],
})

/** Without a socket this is how soon a change is seen. */
const LOOK_OFTEN_MS = 1_000

export function useSeat(conference: string, venue: string, door: Door = accountDoor(conference, venue)) {
  const view = shallowRef<VenueView | null>(null)
  const problem = shallowRef<Problem | null>(null)
  const media = ref<LegState>('idle')
  const tracks = shallowRef<ReadonlyMap<string, MediaStreamTrack>>(new Map())
  const captured = shallowRef<Captured | null>(null)
  const broken_at = ref<number | null>(null)
  const out = computed(() => {
    const state = view.value?.own.connection.state
    return view.value?.phase === 'ended' || state === 'left' || state === 'elsewhere' || state === 'hung_up'
  })
  const line = computed<Line>(() => ({ broken_at: broken_at.value, connected: media.value === 'connected' }))

  let peer: Peer | null = null
  let over = false
  let entered = false
  let gathering: ReturnType<typeof setTimeout> | null = null
  let looking = false
  let lookAgain = false

  /** Reads the state and makes microphone and connections follow it. */
  async function look(): Promise<void> {
    if (looking) {
      lookAgain = true
      return
    }
    looking = true
    try {
      follow(await door.view())
      problem.value = null
    } catch (error) {
      if (!(error instanceof Problem && error.status === 0)) problem.value = asProblem(error)
    } finally {
      looking = false
    }
    if (lookAgain && !over) {
      lookAgain = false
      void look()
    }
  }

  function follow(next: VenueView): void {
    view.value = next
    peer?.setMicrophoneOpen(!next.own.mic.closed)
    if (!entered || over) return
    if (out.value) return leaveMedia()
    const state = next.own.connection.state
    // Redialled, given up on, or called again while we are here: take the seat again.
    if (state !== 'joined') void enter('rejoin')
    // Joined, but the server knows no receive connection: it has been restarted.
    else if (next.slots.length === 0 && media.value === 'connected') peer?.hurry(true)
  }

  /** Takes the seat and connects. Harmless when already in. */
  async function enter(verb: 'join' | 'rejoin' = 'join'): Promise<void> {
    try {
      await door.act(verb)
      if (over) return
      entered = true
      if (!view.value || view.value.own.connection.state !== 'joined') view.value = await door.view()
      connect(view.value)
      problem.value = null
    } catch (error) {
      problem.value = asProblem(error)
    }
  }

  function connect(now: VenueView): void {
    if (peer || over) return
    peer = new Peer({ conference, venue, bearer: door.bearer }, slotsFor(now.own.role), {
      state: (state) => {
        media.value = state
        if (state === 'connected') void look()
      },
      tracks: (map) => {
        tracks.value = map
        void look()
      },
      rejoin: async () => {
        await door.act('rejoin')
      },
      trouble: (error) => console.warn('media', error),
    })
    peer.setMicrophoneOpen(!now.own.mic.closed)
    if (captured.value) peer.setDevices(captured.value.camera, captured.value.microphone)
    peer.start()
  }

  function leaveMedia(): void {
    entered = false
    peer?.stop()
    peer = null
    media.value = 'idle'
    tracks.value = new Map()
  }

  async function leave(): Promise<void> {
    leaveMedia()
    try {
      await door.act('leave')
    } catch (error) {
      problem.value = asProblem(error)
    }
    await look()
  }

  /** Opens camera and microphone (again), as chosen; whether sound is sent stays the server's word. */
  async function useDevices(choice: Choice = rememberedChoice()): Promise<void> {
    const next = await capture(choice)
    if (over) return release(next)
    const before = captured.value
    captured.value = next
    for (const track of next.stream.getTracks()) track.addEventListener('ended', () => void useDevices())
    peer?.setDevices(next.camera, next.microphone)
    if (before) release(before)
  }

  async function setMic(open: boolean): Promise<void> {
    await door.act(open ? 'open-mic' : 'close-mic')
    await look()
  }

  watch([media, () => connection.value.state, out], ([state, socket]) => {
    const broken = entered && !out.value && (state === 'recovering' || (door.topics.length > 0 && socket === 'broken'))
    if (!broken) broken_at.value = null
    else broken_at.value ??= Date.now()
    if (socket === 'live') peer?.hurry(false)
  })

  const gather = () => {
    if (gathering !== null) return
    gathering = setTimeout(() => {
      gathering = null
      void look()
    }, GATHER_MS)
  }
  if (door.topics.length > 0) useTopics(door.topics, { entry: gather, reset: gather, live: gather })
  const timer = setInterval(() => void look(), door.topics.length > 0 ? LOOK_ANYWAY_MS : LOOK_OFTEN_MS)
  const forget = onDevicesChanged(() => {
    const had = captured.value
    if (had && (had.trouble.camera || had.trouble.microphone)) void useDevices()
  })

  onScopeDispose(() => {
    over = true
    clearInterval(timer)
    if (gathering !== null) clearTimeout(gathering)
    forget()
    leaveMedia()
    if (captured.value) release(captured.value)
  }, true)

  void look()
  return { view, problem, media, tracks, captured, line, out, look, enter, leave, useDevices, setMic, figures: async () => peer?.figures() ?? null }
}

export type SeatHandle = ReturnType<typeof useSeat>
