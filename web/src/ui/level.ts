// The four levels as the law numbers them, however a slice spells them.

export const LEVELS = ['I', 'II', 'III', 'IV'] as const
export type Level = (typeof LEVELS)[number]

export function levelOf(value: number | string | null | undefined): Level | null {
  if (value === null || value === undefined) return null
  if (typeof value === 'number') return LEVELS[value - 1] ?? null
  const text = value.toUpperCase()
  return LEVELS.find((level) => level === text) ?? LEVELS[Number(text) - 1] ?? null
}
