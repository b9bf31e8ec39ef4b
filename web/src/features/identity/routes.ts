// Doors of the house: login and first set-up.
import type { RouteRecordRaw } from 'vue-router'
import { t } from '@/i18n'

export default [
  {
    path: '/login',
    name: 'login',
    component: () => import('./LoginPage.vue'),
    meta: { public: true, frame: 'bare', title: () => t.identity.login },
  },
  {
    path: '/setup',
    name: 'setup',
    component: () => import('./SetupPage.vue'),
    meta: { public: true, frame: 'bare', title: () => t.identity.setup_title },
  },
] satisfies RouteRecordRaw[]
