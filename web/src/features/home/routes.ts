// First screens of the roles, and the pages for when there is none.
import type { RouteRecordRaw } from 'vue-router'
import { t } from '@/i18n'

export default [
  {
    path: '/unreachable',
    name: 'unreachable',
    component: () => import('./UnreachablePage.vue'),
    meta: { public: true, frame: 'bare', title: () => t.shell.unreachable_title },
  },
  {
    path: '/welcome',
    name: 'nothing-here',
    component: () => import('./NothingPage.vue'),
    meta: { title: () => t.shell.no_home_title },
  },
] satisfies RouteRecordRaw[]
