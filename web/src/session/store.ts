// The session of this page: loaded once, dropped on logout or when the server says it is over.
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { del, get, post } from '@/api/client'
import { Problem } from '@/api/problem'
import type { Account, Role } from './model'

export interface Credentials {
  login: string
  password: string
  totp?: string
}

export const useSession = defineStore('session', () => {
  const account = ref<Account | null>(null)
  const known = ref(false)
  const roles = computed<Role[]>(() => account.value?.roles ?? [])

  /** Asks who is logged in, once per page load. A server that cannot be reached is not "logged out". */
  async function load(): Promise<void> {
    if (known.value) return
    try {
      account.value = await get<Account>('/session')
    } catch (error) {
      if (!(error instanceof Problem && error.status === 401)) throw error
      account.value = null
    }
    known.value = true
  }

  async function login(credentials: Credentials): Promise<void> {
    await post('/session', credentials)
    account.value = await get<Account>('/session')
    known.value = true
  }

  async function logout(): Promise<void> {
    try {
      await del('/session')
    } finally {
      over()
    }
  }

  /** Reads the session anew: after a password or a second factor was settled. */
  async function renew(): Promise<void> {
    account.value = await get<Account>('/session')
  }

  /** The server no longer knows this session. */
  function over(): void {
    account.value = null
    known.value = true
  }

  const is = (...wanted: Role[]) => wanted.some((role) => roles.value.includes(role))

  return { account, known, roles, is, load, login, logout, renew, over }
})
