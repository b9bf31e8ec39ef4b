// Pages of recordings: the catalogue, one recording.
import { VideoPlay } from '@element-plus/icons-vue'
import type { RouteRecordRaw } from 'vue-router'
import { t } from '@/i18n'

export default [
  {
    path: '/recordings',
    name: 'recordings',
    component: () => import('./RecordingsPage.vue'),
    meta: {
      title: () => t.recording.title,
      roles: ['leader', 'duty_officer', 'operator'],
      nav: { order: 45, icon: VideoPlay, label: () => t.recording.nav },
    },
  },
  {
    path: '/recordings/:id',
    name: 'recording',
    component: () => import('./RecordingPage.vue'),
    props: true,
    meta: { title: () => t.recording.title, roles: ['leader', 'duty_officer', 'operator'], under: 'recordings' },
  },
] satisfies RouteRecordRaw[]
