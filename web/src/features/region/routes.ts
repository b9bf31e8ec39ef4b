// Divisions and their import.
import { Coordinate } from '@element-plus/icons-vue'
import type { RouteRecordRaw } from 'vue-router'
import { t } from '@/i18n'

export default [
  {
    path: '/divisions',
    name: 'divisions',
    component: () => import('./DivisionsPage.vue'),
    meta: {
      title: () => t.region.title,
      roles: ['system_admin', 'planner'],
      nav: { order: 80, icon: Coordinate, label: () => t.region.nav },
    },
  },
] satisfies RouteRecordRaw[]
