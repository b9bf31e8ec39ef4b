// The server's figures of a running meeting, read again while somebody looks at them.
import { onScopeDispose, shallowRef, type ShallowRef } from 'vue'
import { mediaFigures } from './api'
import type { MediaFigures } from './quality'

const EVERY_MS = 1_000

export function useMedia(conference: string, running: () => boolean): Readonly<ShallowRef<MediaFigures[] | null>> {
  const figures = shallowRef<MediaFigures[] | null>(null)
  let reading = false
  const read = async () => {
    if (reading || !running() || document.visibilityState === 'hidden') return
    reading = true
    // A figure that cannot be read is no news; the next second asks again.
    figures.value = await mediaFigures(conference).then(
      (answer) => answer.venues,
      () => figures.value,
    )
    reading = false
  }
  const timer = setInterval(() => void read(), EVERY_MS)
  onScopeDispose(() => clearInterval(timer), true)
  void read()
  return figures
}
