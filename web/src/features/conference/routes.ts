// Pages of meetings: list, operator console, a venue's seat, the venue terminal.
import { VideoCamera } from '@element-plus/icons-vue'
import type { RouteRecordRaw } from 'vue-router'
import { t } from '@/i18n'

export default [
  {
    path: '/conferences',
    name: 'conferences',
    component: () => import('./ConferencesPage.vue'),
    meta: {
      title: () => t.conference.title,
      roles: ['leader', 'duty_officer', 'dispatcher', 'operator'],
      nav: { order: 40, icon: VideoCamera, label: () => t.conference.nav },
    },
  },
  {
    path: '/conferences/:id/console',
    name: 'conference-console',
    component: () => import('./ConsolePage.vue'),
    props: true,
    meta: { title: () => t.conference.console, roles: ['leader', 'duty_officer', 'operator'] },
  },
  {
    path: '/conferences/:id/venues/:venue',
    name: 'conference-seat',
    component: () => import('./SeatPage.vue'),
    props: true,
    meta: { title: () => t.conference.seat, frame: 'bare', roles: ['leader', 'duty_officer', 'operator', 'venue'] },
  },
  {
    path: '/join',
    name: 'join',
    component: () => import('./JoinPage.vue'),
    meta: { title: () => t.conference.guest.title, frame: 'bare', public: true },
  },
  {
    path: '/terminal',
    name: 'terminal',
    component: () => import('./TerminalPage.vue'),
    meta: { title: () => t.conference.terminal, frame: 'bare', roles: ['venue'] },
  },
] satisfies RouteRecordRaw[]
