// The registry of venues.
import { Location } from '@element-plus/icons-vue'
import type { RouteRecordRaw } from 'vue-router'
import { t } from '@/i18n'

export default [
  {
    path: '/venues',
    name: 'venues',
    component: () => import('./VenuesPage.vue'),
    meta: {
      title: () => t.venue.title,
      roles: ['operator', 'planner'],
      nav: { order: 45, icon: Location, label: () => t.venue.title },
    },
  },
] satisfies RouteRecordRaw[]
