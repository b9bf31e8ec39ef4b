// Assets of the registry as the server tells them; pure.
import type { Wire } from '@/api/types'

export type Asset = Wire<'AssetSeen'>
export type Contact = Wire<'AssetContact'>
export type Near = Wire<'Near'>
export type Field = Wire<'FieldSeen'>
export type Kind = Wire<'KindSeen'>
export type KindCount = Wire<'KindCount'>

export type Language = 'zh' | 'en'

export function kindName(kinds: readonly Kind[], code: string, language: Language): string {
  const kind = kinds.find((one) => one.code === code)
  return kind ? kind[language] : code
}

/** The values of an asset with their names, in the order of the table of kinds. */
export function facts(kinds: readonly Kind[], asset: Asset, language: Language, words: { yes: string; no: string }): { label: string; value: string }[] {
  const fields = kinds.find((kind) => kind.code === asset.kind)?.fields ?? []
  return fields
    .filter((field) => asset.details[field.name] !== undefined)
    .map((field) => ({ label: field[language], value: written(asset.details[field.name]!, words) }))
}

function written(value: unknown, words: { yes: string; no: string }): string {
  if (typeof value === 'boolean') return value ? words.yes : words.no
  return typeof value === 'number' ? value.toLocaleString('en-US') : String(value)
}

/** `850 m`, `12.3 km`: as exact as anybody can act on. */
export function distanceText(metres: number): string {
  return metres < 1000 ? `${Math.round(metres / 10) * 10} m` : `${(metres / 1000).toFixed(1)} km`
}
