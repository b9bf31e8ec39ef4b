// Incidents: list, intake, one incident, import of call records.
import { Bell, Upload } from '@element-plus/icons-vue'
import type { RouteRecordRaw } from 'vue-router'
import { t } from '@/i18n'

export default [
  {
    path: '/incidents',
    name: 'incidents',
    component: () => import('./ListPage.vue'),
    meta: {
      title: () => t.incident.list,
      roles: ['leader', 'duty_officer', 'dispatcher', 'operator', 'planner'],
      nav: { order: 20, icon: Bell, label: () => t.incident.list },
    },
  },
  {
    path: '/incidents/report',
    name: 'incident-report',
    component: () => import('./ReportPage.vue'),
    meta: { title: () => t.incident.report, roles: ['leader', 'duty_officer', 'dispatcher'], under: 'incidents' },
  },
  {
    path: '/incidents/import',
    name: 'incident-import',
    component: () => import('./ImportPage.vue'),
    meta: {
      title: () => t.incident.import,
      roles: ['duty_officer', 'dispatcher', 'planner'],
      nav: { order: 70, icon: Upload, label: () => t.incident.import },
    },
  },
  {
    path: '/incidents/:id',
    name: 'incident',
    component: () => import('./DetailPage.vue'),
    meta: { title: () => t.incident.list, roles: ['leader', 'duty_officer', 'dispatcher', 'operator', 'planner'], under: 'incidents' },
  },
] satisfies RouteRecordRaw[]
