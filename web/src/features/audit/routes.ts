// The audit administrator's page.
import { Stamp } from '@element-plus/icons-vue'
import type { RouteRecordRaw } from 'vue-router'
import { t } from '@/i18n'

export default [
  {
    path: '/audit',
    name: 'audit',
    component: () => import('./AuditPage.vue'),
    meta: { title: () => t.audit.title, roles: ['audit_admin'], nav: { order: 70, icon: Stamp, label: () => t.audit.title } },
  },
] satisfies RouteRecordRaw[]
