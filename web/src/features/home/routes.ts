// First screens of the roles, and the pages for when there is none.
import { DataAnalysis, HomeFilled, Service, Van } from '@element-plus/icons-vue'
import type { RouteRecordRaw } from 'vue-router'
import { t } from '@/i18n'

export default [
  {
    path: '/unreachable',
    name: 'unreachable',
    component: () => import('./UnreachablePage.vue'),
    meta: { public: true, frame: 'bare', title: () => t.shell.unreachable_title },
  },
  {
    path: '/welcome',
    name: 'nothing-here',
    component: () => import('./NothingPage.vue'),
    meta: { title: () => t.shell.no_home_title },
  },
  {
    path: '/leader',
    name: 'home-leader',
    component: () => import('./LeaderPage.vue'),
    meta: { title: () => t.home.leader, roles: ['leader'], nav: { order: 10, icon: HomeFilled, label: () => t.home.leader } },
  },
  {
    path: '/duty',
    name: 'home-duty',
    component: () => import('./DutyPage.vue'),
    meta: { title: () => t.home.duty, roles: ['duty_officer'], nav: { order: 11, icon: Service, label: () => t.home.duty } },
  },
  {
    path: '/dispatch',
    name: 'home-dispatch',
    component: () => import('./DispatchPage.vue'),
    meta: { title: () => t.home.dispatch, roles: ['dispatcher'], nav: { order: 12, icon: Van, label: () => t.home.dispatch } },
  },
  {
    path: '/planner',
    name: 'home-planner',
    component: () => import('./PlannerPage.vue'),
    meta: { title: () => t.home.quality, roles: ['planner'], nav: { order: 13, icon: DataAnalysis, label: () => t.home.planner } },
  },
] satisfies RouteRecordRaw[]
