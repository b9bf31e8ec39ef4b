// The table of categories, read once per page.
import { shallowRef } from 'vue'
import { get } from '@/api/client'
import { locale } from '@/i18n'
import type { Category } from './model'

const table = shallowRef<Category[]>([])
let asked = false

export function useCategories() {
  if (!asked) {
    asked = true
    get<{ items: Category[] }>('/incidents/categories')
      .then((answer) => (table.value = answer.items))
      .catch(() => (asked = false))
  }
  return table
}

export function categoryName(slug: string): string {
  const found = useCategories().value.find((category) => category.slug === slug)
  if (!found) return slug
  return locale.value === 'en' ? found.en : found.zh
}
