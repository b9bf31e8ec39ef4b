// Camera and microphone of this machine: asking for them, what went wrong in words, following plugs and unplugs.

export interface Choice {
  camera: string | null
  microphone: string | null
  /** 专业调音台: the room's own mixer has done all of it. */
  raw_audio: boolean
}

/** Why a device is not there; the page explains each with steps. */
export type Trouble = 'insecure' | 'denied' | 'blocked_by_system' | 'in_use' | 'not_found' | 'unknown'

export function troubleOf(error: unknown, secure: boolean): Trouble {
  if (!secure) return 'insecure'
  if (!(error instanceof DOMException)) return 'unknown'
  switch (error.name) {
    case 'NotAllowedError':
      return /system/i.test(error.message) ? 'blocked_by_system' : 'denied'
    case 'NotReadableError':
    case 'AbortError':
      return 'in_use'
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'not_found'
    default:
      return 'unknown'
  }
}

export interface Captured {
  stream: MediaStream
  camera: MediaStreamTrack | null
  microphone: MediaStreamTrack | null
  /** What could not be had although the other could. */
  trouble: { camera: Trouble | null; microphone: Trouble | null }
}

const CHOICE = 'fenghuotai.devices'

export function rememberedChoice(): Choice {
  try {
    return { camera: null, microphone: null, raw_audio: false, ...(JSON.parse(localStorage.getItem(CHOICE) ?? '{}') as Partial<Choice>) }
  } catch {
    return { camera: null, microphone: null, raw_audio: false }
  }
}

export function remember(choice: Choice): void {
  localStorage.setItem(CHOICE, JSON.stringify(choice))
}

function video(choice: Choice): MediaTrackConstraints {
  return { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 25, max: 30 }, ...(choice.camera ? { deviceId: { ideal: choice.camera } } : {}) }
}

function audio(choice: Choice): MediaTrackConstraints {
  const processed = !choice.raw_audio
  return {
    echoCancellation: processed,
    noiseSuppression: processed,
    autoGainControl: processed,
    ...(choice.microphone ? { deviceId: { ideal: choice.microphone } } : {}),
  }
}

/** Both devices, or the one there is. A venue without a camera still speaks, one without a microphone still sees. */
export async function capture(choice: Choice): Promise<Captured> {
  const media = navigator.mediaDevices as MediaDevices | undefined
  if (!media) return nothing('insecure')
  try {
    return captured(await media.getUserMedia({ video: video(choice), audio: audio(choice) }), null, null)
  } catch (error) {
    const both = troubleOf(error, window.isSecureContext)
    const [camera, microphone] = await Promise.all([
      one(media, { video: video(choice) }),
      one(media, { audio: audio(choice) }),
    ])
    const tracks = [camera, microphone].flatMap((part) => (part instanceof MediaStream ? part.getTracks() : []))
    if (tracks.length === 0) return nothing(both)
    return captured(
      new MediaStream(tracks),
      camera instanceof MediaStream ? null : camera,
      microphone instanceof MediaStream ? null : microphone,
    )
  }
}

async function one(media: MediaDevices, constraints: MediaStreamConstraints): Promise<MediaStream | Trouble> {
  try {
    return await media.getUserMedia(constraints)
  } catch (error) {
    return troubleOf(error, window.isSecureContext)
  }
}

function captured(stream: MediaStream, camera: Trouble | null, microphone: Trouble | null): Captured {
  return {
    stream,
    camera: stream.getVideoTracks()[0] ?? null,
    microphone: stream.getAudioTracks()[0] ?? null,
    trouble: { camera, microphone },
  }
}

function nothing(trouble: Trouble): Captured {
  return { stream: new MediaStream(), camera: null, microphone: null, trouble: { camera: trouble, microphone: trouble } }
}

export function release(captured: Captured): void {
  for (const track of captured.stream.getTracks()) track.stop()
}

export async function list(): Promise<{ cameras: MediaDeviceInfo[]; microphones: MediaDeviceInfo[]; speakers: MediaDeviceInfo[] }> {
  const media = navigator.mediaDevices as MediaDevices | undefined
  const all = media ? await media.enumerateDevices() : []
  const of = (kind: MediaDeviceKind) => all.filter((device) => device.kind === kind)
  return { cameras: of('videoinput'), microphones: of('audioinput'), speakers: of('audiooutput') }
}

/** Tells when something is plugged or unplugged. Returns how to stop. */
export function onDevicesChanged(listener: () => void): () => void {
  const media = navigator.mediaDevices as MediaDevices | undefined
  media?.addEventListener('devicechange', listener)
  return () => media?.removeEventListener('devicechange', listener)
}
