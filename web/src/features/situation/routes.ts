// The map of the situation.
import { MapLocation } from '@element-plus/icons-vue'
import type { RouteRecordRaw } from 'vue-router'
import { t } from '@/i18n'

export default [
  {
    path: '/map',
    name: 'map',
    component: () => import('./SituationPage.vue'),
    meta: {
      title: () => t.situation.title,
      roles: ['leader', 'duty_officer', 'dispatcher', 'operator', 'planner'],
      nav: { order: 20, icon: MapLocation, label: () => t.situation.nav },
    },
  },
] satisfies RouteRecordRaw[]
