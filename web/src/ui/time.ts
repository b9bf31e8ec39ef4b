// Times as people read them: Asia/Shanghai always, whatever the machine is set to.

const ZONE = 'Asia/Shanghai'

const parts = new Intl.DateTimeFormat('zh-CN', {
  timeZone: ZONE,
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
})

function take(at: number): Record<string, string> {
  return Object.fromEntries(parts.formatToParts(at).map((part) => [part.type, part.value]))
}

/** 2026-11-22 */
export function dateText(at: number): string {
  const p = take(at)
  return `${p.year}-${p.month}-${p.day}`
}

/** 14:03:07 */
export function clockText(at: number): string {
  const p = take(at)
  return `${p.hour}:${p.minute}:${p.second}`
}

/** 2026-11-22 14:03:07 */
export function fullText(at: number): string {
  return `${dateText(at)} ${clockText(at)}`
}

/** The shortest text that is not ambiguous now: 14:03 today, 11-21 14:03 this year, 2025-11-21 14:03 else. */
export function shortText(at: number, now: number): string {
  const p = take(at)
  const clock = `${p.hour}:${p.minute}`
  if (dateText(at) === dateText(now)) return clock
  if (p.year === take(now).year) return `${p.month}-${p.day} ${clock}`
  return `${dateText(at)} ${clock}`
}

export type Ago = { unit: 'just_now' } | { unit: 'minutes_ago' | 'hours_ago' | 'days_ago'; n: number }

/** How long ago, in the coarsest unit that says something. A time in the future is "just now". */
export function ago(at: number, now: number): Ago {
  const minutes = Math.floor((now - at) / 60_000)
  if (minutes < 1) return { unit: 'just_now' }
  if (minutes < 60) return { unit: 'minutes_ago', n: minutes }
  const hours = Math.floor(minutes / 60)
  return hours < 24 ? { unit: 'hours_ago', n: hours } : { unit: 'days_ago', n: Math.floor(hours / 24) }
}

/** 00:42:10 */
export function durationText(ms: number): string {
  const total = Math.max(0, Math.floor(ms / 1_000))
  const two = (n: number) => String(n).padStart(2, '0')
  return `${two(Math.floor(total / 3_600))}:${two(Math.floor(total / 60) % 60)}:${two(total % 60)}`
}
