// The infrastructure registry.
import { OfficeBuilding } from '@element-plus/icons-vue'
import type { RouteRecordRaw } from 'vue-router'
import { t } from '@/i18n'

export default [
  {
    path: '/assets',
    name: 'assets',
    component: () => import('./AssetsPage.vue'),
    meta: {
      title: () => t.infrastructure.title,
      roles: ['leader', 'duty_officer', 'dispatcher', 'operator', 'planner'],
      nav: { order: 62, icon: OfficeBuilding, label: () => t.infrastructure.nav },
    },
  },
] satisfies RouteRecordRaw[]
