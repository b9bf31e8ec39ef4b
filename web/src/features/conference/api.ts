// The conference routes by their verbs.
import type { Wire } from '@/api/types'
import { get, post, put, del, type Page } from '@/api/client'
import type { Conference, JoinLink, Venue, VenueCalls, VenueView } from './model'
import type { MediaFigures } from './quality'

export type VenueVerb =
  | 'join'
  | 'rejoin'
  | 'ring'
  | 'answer'
  | 'decline'
  | 'leave'
  | 'hang-up'
  | 'remove'
  | 'close-mic'
  | 'open-mic'
  | 'close-speaker'
  | 'open-speaker'

export type ConferenceDraft = Wire<'ConferenceDraft'>
export type VenueDraft = Wire<'VenueDraft'>

export const conferences = (phase?: string) => get<Page<Conference>>('/conferences', { phase, limit: 200 })
export const conference = (id: string, signal?: AbortSignal) => get<Conference>(`/conferences/${id}`, undefined, { signal })
export const create = (draft: ConferenceDraft) => post<Conference>('/conferences', draft)
export const start = (id: string) => post<Conference>(`/conferences/${id}/start`)
export const end = (id: string) => post<Conference>(`/conferences/${id}/end`)
export const call = (id: string, venue_ids?: string[]) => post<Conference>(`/conferences/${id}/call`, venue_ids ? { venue_ids } : {})
export const invite = (id: string, venue_ids: string[]) => post<Conference>(`/conferences/${id}/invite`, { venue_ids })
export const closeAllMics = (id: string) => post<Conference>(`/conferences/${id}/close-all-mics`)
export const act = (id: string, verb: VenueVerb, venue_id: string) => post<Conference>(`/conferences/${id}/${verb}`, { venue_id })
export const venueView = (id: string, venue: string) => get<VenueView>(`/conferences/${id}/venues/${venue}/view`)

export const links = (id: string, signal?: AbortSignal) => get<{ items: JoinLink[] }>(`/conferences/${id}/links`, undefined, { signal })
export const issueLink = (id: string, reference: string) => post<JoinLink & { token: string }>(`/conferences/${id}/links`, { reference })
export const revokeLink = (id: string, link: string) => post<{ items: JoinLink[] }>(`/conferences/${id}/links/${link}/revoke`)
export const mediaFigures = (id: string) => get<{ venues: MediaFigures[] }>(`/conferences/${id}/media`)
export const venueCalls = (venue: string) => get<VenueCalls>(`/venues/${venue}/calls`)
export const venues = (division?: string) => get<Page<Venue>>('/venues', { division })
export const registerVenue = (draft: VenueDraft) => post<Venue>('/venues', draft)
export const changeVenue = (id: string, draft: VenueDraft) => put<Venue>(`/venues/${id}`, draft)
export const retireVenue = (id: string) => del<Venue>(`/venues/${id}`)
