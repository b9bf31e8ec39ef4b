// A guest's way in: a link's token and a key of this device become a seat; no account, no socket.
import { get, post } from '@/api/client'
import type { VenueView } from './model'
import type { Door } from './seat'

export interface GuestSeat {
  expires_at: number
  conference_id: string
  venue_id: string
  title: string
  name: string
}

/** 256 bits. */
const KEY_BYTES = 32

/**
 * This device's key for a link. Drawn before it is sent, so that a lost answer, a reload or opening the link again on
 * the same telephone asks for the same seat.
 */
export function keyFor(token: string, store: Pick<Storage, 'getItem' | 'setItem'> = localStorage): string {
  const place = `fenghuotai.join.${token.slice(0, 12)}`
  const known = store.getItem(place)
  if (known) return known
  const drawn = base64url(crypto.getRandomValues(new Uint8Array(KEY_BYTES)))
  store.setItem(place, drawn)
  return drawn
}

export const redeem = (token: string, key: string) => post<GuestSeat>('/join', { token, key })

export function guestDoor(key: string): Door {
  const options = { headers: { Authorization: `Bearer ${key}` } }
  return {
    view: () => get<VenueView>('/join/view', undefined, options),
    act: (verb) => post(`/join/${verb}`, undefined, options),
    bearer: key,
    topics: [],
  }
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
}
