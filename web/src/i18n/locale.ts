// The language of this page: kept in the browser, zh unless chosen otherwise.
import { ref, watch } from 'vue'

export type Locale = 'zh' | 'en'

const KEY = 'fenghuotai.locale'

function kept(): Locale {
  if (typeof localStorage === 'undefined') return 'zh'
  return localStorage.getItem(KEY) === 'en' ? 'en' : 'zh'
}

export const locale = ref<Locale>(kept())

if (typeof localStorage !== 'undefined') watch(locale, (value) => localStorage.setItem(KEY, value))
