// Texts of the page. `t.incident.report` in script and template; follows the language by itself.
import elementEn from 'element-plus/es/locale/lang/en'
import elementZh from 'element-plus/es/locale/lang/zh-cn'
import { computed } from 'vue'
import { en } from './en'
import { locale } from './locale'
import { zh, type Dictionary } from './zh'

export { locale, type Locale } from './locale'
export type { Dictionary } from './zh'

const dictionaries: Record<'zh' | 'en', Dictionary> = { zh, en }

/** Reads the language on every access, so whatever shows a text is drawn anew when it changes. */
export const t: Dictionary = new Proxy({} as Dictionary, {
  get: (_, key) => dictionaries[locale.value][key as keyof Dictionary],
})

export const elementLocale = computed(() => (locale.value === 'zh' ? elementZh : elementEn))

/** `name` in zh, `name_en` in en when there is one: for rows that carry both. */
export function named(row: { name: string; name_en?: string | null }): string {
  return locale.value === 'en' && row.name_en ? row.name_en : row.name
}
