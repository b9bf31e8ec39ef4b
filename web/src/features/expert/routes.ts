// The expert database.
import { Avatar } from '@element-plus/icons-vue'
import type { RouteRecordRaw } from 'vue-router'
import { t } from '@/i18n'

export default [
  {
    path: '/experts',
    name: 'experts',
    component: () => import('./ExpertsPage.vue'),
    meta: {
      title: () => t.expert.title,
      roles: ['leader', 'duty_officer', 'dispatcher', 'operator', 'planner'],
      nav: { order: 60, icon: Avatar, label: () => t.expert.nav },
    },
  },
] satisfies RouteRecordRaw[]
