// How loud a track is, without sending it anywhere: for the technician's meter.

/** RMS in dBFS turned into 0…1 over the 60 dB that matter. */
export function meter(samples: Float32Array): number {
  let sum = 0
  for (const sample of samples) sum += sample * sample
  const rms = Math.sqrt(sum / Math.max(1, samples.length))
  const dbfs = 20 * Math.log10(Math.max(rms, 1e-6))
  return Math.min(1, Math.max(0, (dbfs + 60) / 60))
}

/** Calls `tell` ten times a second with 0…1. Returns how to stop. */
export function watchLevel(track: MediaStreamTrack, tell: (level: number) => void): () => void {
  const context = new AudioContext()
  const analyser = context.createAnalyser()
  analyser.fftSize = 1_024
  const source = context.createMediaStreamSource(new MediaStream([track]))
  source.connect(analyser)
  const samples = new Float32Array(analyser.fftSize)
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples)
    tell(meter(samples))
  }, 100)
  return () => {
    clearInterval(timer)
    source.disconnect()
    void context.close()
  }
}
