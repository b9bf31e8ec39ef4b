// Doors of the house: login, first set-up, and matters of one's own account.
import { Lock, Monitor, User } from '@element-plus/icons-vue'
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
  {
    path: '/me/password',
    name: 'my-password',
    component: () => import('./PasswordPage.vue'),
    meta: { title: () => t.identity.my_password },
  },
  {
    path: '/me/totp',
    name: 'my-totp',
    component: () => import('./TotpPage.vue'),
    meta: { title: () => t.identity.my_totp },
  },
  {
    path: '/me/sessions',
    name: 'my-sessions',
    component: () => import('./SessionsPage.vue'),
    meta: { title: () => t.identity.my_sessions },
  },
  {
    path: '/admin/system',
    name: 'admin-system',
    component: () => import('./admin/SystemPage.vue'),
    meta: {
      title: () => t.admin.system,
      roles: ['system_admin'],
      nav: { order: 70, icon: Monitor, label: () => t.admin.system },
    },
  },
  {
    path: '/admin/accounts',
    name: 'accounts',
    component: () => import('./admin/AccountsPage.vue'),
    meta: {
      title: () => t.admin.accounts,
      roles: ['system_admin', 'security_admin', 'audit_admin'],
      nav: { order: 75, icon: User, label: () => t.admin.accounts },
    },
  },
  {
    path: '/admin/locks',
    name: 'locks',
    component: () => import('./admin/LocksPage.vue'),
    meta: {
      title: () => t.admin.locks,
      roles: ['system_admin', 'security_admin'],
      nav: { order: 76, icon: Lock, label: () => t.admin.locks_nav },
    },
  },
] satisfies RouteRecordRaw[]
