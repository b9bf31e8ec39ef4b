// The page's one socket, and what Vue shows of it: freshness, the server's clock, subscriptions of a component.
import { onScopeDispose, readonly, ref, shallowRef } from 'vue'
import { newId } from '@/api/client'
import type { Freshness } from './model'
import { LiveSocket, type Subscriber, type Wire } from './socket'

export type { Entry, MapView } from './protocol'
export type { Freshness } from './model'
export type { Subscriber, ViewSubscriber } from './socket'

function connect(): Wire {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws'
  const socket = new WebSocket(`${scheme}://${location.host}/api/v1/socket`)
  socket.binaryType = 'arraybuffer'
  const wire: Wire = {
    send: (text) => {
      // A closing socket would throw; its `close` event brings the retry.
      if (socket.readyState === WebSocket.OPEN) socket.send(text)
    },
    close: () => socket.close(),
    onopen: null,
    onclose: null,
    onmessage: null,
  }
  socket.addEventListener('open', () => wire.onopen?.())
  socket.addEventListener('close', () => wire.onclose?.())
  socket.addEventListener('message', (event: MessageEvent<string | ArrayBuffer>) => wire.onmessage?.(event.data))
  return wire
}

export const liveSocket = new LiveSocket({
  connect,
  now: () => Date.now(),
  chance: () => Math.random(),
  after: (ms, run) => setTimeout(run, ms),
  cancel: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout>),
  newId,
})

if (typeof window !== 'undefined') {
  window.addEventListener('online', () => liveSocket.wake())
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') liveSocket.wake()
  })
}

const fresh = shallowRef<Freshness>({ state: 'connecting' })
const clock = ref(Date.now())
liveSocket.onChange(() => {
  fresh.value = liveSocket.freshness()
})
setInterval(() => {
  clock.value = liveSocket.serverNow()
}, 1_000)

/** 实时 / 延迟 / 已断开, for pills and banners. */
export const connection = readonly(fresh)

/** The server's clock in ms UTC, stepping once a second. */
export const serverClock = readonly(clock)

/** Subscribes for as long as the calling component lives. `from` is the `seq` of the snapshot it has read. */
export function useTopics(topics: string[], to: Subscriber, from: { seq: number } | null = null): () => void {
  const stop = liveSocket.subscribe(topics, to, from)
  onScopeDispose(stop, true)
  return stop
}
