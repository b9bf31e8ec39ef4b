// The recording routes by their verbs.
import { get, post, type Page } from '@/api/client'
import type { Recording, State } from './model'

export const state = (conference: string, signal?: AbortSignal) => get<State>(`/conferences/${conference}/recording`, undefined, { signal })
export const record = (conference: string) => post<State>(`/conferences/${conference}/record`)
export const stopRecording = (conference: string) => post<State>(`/conferences/${conference}/stop-recording`)
export const recordings = (conference_id?: string) => get<Page<Recording>>('/recordings', { conference_id })
export const recording = (id: string, signal?: AbortSignal) => get<Recording>(`/recordings/${id}`, undefined, { signal })

/** Address of a segment's file; the session's cookie opens it. */
export function mediaUrl(recording: string, segment: string, download = false): string {
  return `/api/v1/recordings/${recording}/segments/${segment}/media${download ? '?download=true' : ''}`
}
