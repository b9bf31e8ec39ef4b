// Page-wide keys that never disturb typing: silent inside fields and while an input method composes.
import { onScopeDispose } from 'vue'

/** Name of the key with its modifiers: `n`, `Ctrl+Enter`, `F2`, `?`. */
export function keyName(event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'altKey' | 'metaKey'>): string {
  const name = event.key.length === 1 ? event.key.toLowerCase() : event.key
  return `${event.ctrlKey || event.metaKey ? 'Ctrl+' : ''}${event.altKey ? 'Alt+' : ''}${name}`
}

/** Function keys and Ctrl/Alt combinations work everywhere, plain letters only outside of fields. */
export function actsInField(name: string): boolean {
  return /^(Ctrl\+|Alt\+|F\d)/.test(name)
}

function inField(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName))
}

export function useKeys(keys: Record<string, (event: KeyboardEvent) => void>): void {
  function onKey(event: KeyboardEvent) {
    if (event.isComposing || event.keyCode === 229) return
    const name = keyName(event)
    const act = keys[name]
    if (!act || (inField(event.target) && !actsInField(name))) return
    event.preventDefault()
    act(event)
  }
  window.addEventListener('keydown', onKey)
  onScopeDispose(() => window.removeEventListener('keydown', onKey), true)
}
