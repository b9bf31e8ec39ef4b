// Dark or light: kept in the browser, dark unless chosen otherwise. Element Plus listens to the class `dark`.
import { ref, watchEffect } from 'vue'

export type Theme = 'dark' | 'light'

const KEY = 'fenghuotai.theme'

export const theme = ref<Theme>('dark')

export function startTheme(): void {
  if (localStorage.getItem(KEY) === 'light') theme.value = 'light'
  watchEffect(() => {
    document.documentElement.classList.toggle('dark', theme.value === 'dark')
    document.documentElement.classList.toggle('light', theme.value === 'light')
    localStorage.setItem(KEY, theme.value)
  })
}

export function toggleTheme(): void {
  theme.value = theme.value === 'dark' ? 'light' : 'dark'
}
