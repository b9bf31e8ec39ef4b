// All pages: each slice brings `features/<slice>/routes.ts`; the guard asks for session and role.
import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router'
import { mayOpen } from '@/nav'
import { dutyOf, homeOf } from '@/session/model'
import { useSession } from '@/session/store'
import { onSessionOver } from '@/api/client'

const slices = import.meta.glob<{ default: RouteRecordRaw[] }>('./features/*/routes.ts', { eager: true })

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    {
      path: '/',
      name: 'home',
      // Decided after the guard has asked who it is; the component is never drawn.
      component: () => import('@/features/home/MissingPage.vue'),
      beforeEnter: () => ({ name: home(), replace: true }),
    },
    ...Object.values(slices).flatMap((slice) => slice.default),
    {
      path: '/:rest(.*)*',
      name: 'missing',
      component: () => import('@/features/home/MissingPage.vue'),
    },
  ],
})

function home(): string {
  return homeOf(useSession().roles, (name) => router.hasRoute(name)) ?? 'nothing-here'
}

router.beforeEach(async (to) => {
  if (to.meta.public) return true
  const session = useSession()
  try {
    await session.load()
  } catch {
    return { name: 'unreachable', query: { next: to.fullPath } }
  }
  if (!session.account) return { name: 'login', query: to.fullPath === '/' ? {} : { next: to.fullPath } }
  const duty = dutyOf(session.account)
  if (duty && to.name !== duty) return { name: duty }
  if (!mayOpen(to.meta.roles, session.roles)) return { name: 'home', replace: true }
  return true
})

onSessionOver(() => {
  const session = useSession()
  if (!session.account) return
  session.over()
  void router.replace({ name: 'login', query: { next: router.currentRoute.value.fullPath } })
})
