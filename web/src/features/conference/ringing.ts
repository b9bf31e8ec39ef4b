// The sound of a call: two tones, faster when it is urgent. Silent where the browser wants a touch before any sound.
import { onScopeDispose, type Ref } from 'vue'

const TONES_HZ = [880, 660]
const TONE_S = 0.22
const LOUDNESS = 0.12
const PAUSE_MS = { urgent: 1_200, ordinary: 2_400 }

export function useRinging(urgent: Readonly<Ref<boolean>>): void {
  const context = typeof AudioContext === 'undefined' ? null : new AudioContext()
  let timer: ReturnType<typeof setTimeout> | null = null

  const ring = () => {
    timer = setTimeout(ring, urgent.value ? PAUSE_MS.urgent : PAUSE_MS.ordinary)
    if (context?.state !== 'running') return
    TONES_HZ.forEach((hz, place) => {
      const [tone, gain] = [context.createOscillator(), context.createGain()]
      const begin = context.currentTime + place * TONE_S
      tone.frequency.value = hz
      // Without the ramp the loudspeaker clicks.
      gain.gain.setValueAtTime(LOUDNESS, begin)
      gain.gain.linearRampToValueAtTime(0, begin + TONE_S)
      tone.connect(gain).connect(context.destination)
      tone.start(begin)
      tone.stop(begin + TONE_S)
    })
  }

  ring()
  onScopeDispose(() => {
    if (timer !== null) clearTimeout(timer)
    void context?.close()
  }, true)
}
