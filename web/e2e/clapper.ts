// A clapper board instead of a camera and a microphone: a white picture and a tone at the same instant, again and again.

/** Runs in the page before its own scripts. With `h264` the page offers that codec first. */
export function clapper(h264: boolean): void {
  const EVERY_S = 2
  const LASTS_S = 0.24
  let board: { picture: MediaStreamTrack; sound: MediaStreamTrack } | null = null

  function strike(): { picture: MediaStreamTrack; sound: MediaStreamTrack } {
    const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 360 })
    const paint = canvas.getContext('2d')!
    const clock = new AudioContext({ sampleRate: 48_000 })
    void clock.resume()
    const tone = new OscillatorNode(clock, { frequency: 880 })
    const gate = new GainNode(clock, { gain: 0 })
    const out = new MediaStreamAudioDestinationNode(clock)
    tone.connect(gate).connect(out)
    tone.start()
    let next = EVERY_S
    let frame = 0
    setInterval(() => {
      const now = clock.currentTime
      if (next < now + 0.5) {
        gate.gain.setValueAtTime(0.6, next)
        gate.gain.setValueAtTime(0, next + LASTS_S)
        next += EVERY_S
      }
      const struck = now >= EVERY_S && now % EVERY_S < LASTS_S
      paint.fillStyle = struck ? '#fff' : '#102030'
      paint.fillRect(0, 0, 640, 360)
      paint.fillStyle = '#c04030'
      frame += 1
      paint.fillRect((frame * 8) % 640, 300, 24, 40)
    }, 20)
    return { picture: canvas.captureStream(25).getVideoTracks()[0]!, sound: out.stream.getAudioTracks()[0]! }
  }

  navigator.mediaDevices.getUserMedia = async (wanted) => {
    board ??= strike()
    const tracks: MediaStreamTrack[] = []
    if (wanted?.video) tracks.push(board.picture.clone())
    if (wanted?.audio) tracks.push(board.sound.clone())
    return new MediaStream(tracks)
  }

  if (!h264) return
  const prefer = RTCRtpTransceiver.prototype.setCodecPreferences
  RTCRtpTransceiver.prototype.setCodecPreferences = function (codecs) {
    const isFirst = (codec: RTCRtpCodec) => codec.mimeType === 'video/H264'
    const all = [...codecs]
    prefer.call(this, [...all.filter(isFirst), ...all.filter((codec) => !isFirst(codec))])
  }
}

export interface Played {
  duration: number
  frames: number
  error: string | null
  width: number
  /** When the picture turned white and when the tone began, seconds of the recording. */
  flashes: number[]
  tones: number[]
}

/** Runs in the page: plays its video from the beginning to the end and says what was seen and heard. */
export async function watch(): Promise<Played> {
  const video = document.querySelector<HTMLVideoElement>('[data-test=player]')!
  if (video.readyState < 1) {
    await new Promise((ready, failed) => {
      video.addEventListener('loadedmetadata', ready, { once: true })
      video.addEventListener('error', () => failed(new Error(video.error?.message ?? 'error')), { once: true })
    })
  }
  const small = Object.assign(document.createElement('canvas'), { width: 16, height: 9 })
  const paint = small.getContext('2d', { willReadFrequently: true })!
  const flashes: number[] = []
  let white = false
  const look = (_: number, frame: VideoFrameCallbackMetadata) => {
    paint.drawImage(video, 0, 0, 16, 9)
    const bytes = paint.getImageData(0, 0, 16, 9).data
    let sum = 0
    for (let at = 0; at < bytes.length; at += 4) sum += bytes[at]!
    const bright = sum / (bytes.length / 4) > 140
    if (bright && !white) flashes.push(frame.mediaTime)
    white = bright
    video.requestVideoFrameCallback(look)
  }
  video.requestVideoFrameCallback(look)
  video.muted = true
  const ended = new Promise<void>((done) => {
    video.addEventListener('ended', () => done(), { once: true })
    video.addEventListener('error', () => done(), { once: true })
  })
  await video.play()
  await ended
  const bytes = await (await fetch(video.src)).arrayBuffer()
  const sound = await new OfflineAudioContext(1, 48_000, 48_000).decodeAudioData(bytes)
  const samples = sound.getChannelData(0)
  const tones: number[] = []
  let quiet = 48_000
  for (let at = 0; at < samples.length; at += 1) {
    if (Math.abs(samples[at]!) > 0.1) {
      if (quiet > 24_000) tones.push(at / sound.sampleRate)
      quiet = 0
    } else quiet += 1
  }
  return {
    duration: video.duration,
    frames: video.getVideoPlaybackQuality().totalVideoFrames,
    error: video.error?.message ?? null,
    width: video.videoWidth,
    flashes,
    tones,
  }
}
