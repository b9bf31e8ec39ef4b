// What a route says about itself: title, who may open it, where it stands in the navigation rail.
import type { Component } from 'vue'
import type { RouteRecordNormalized } from 'vue-router'
import type { Role } from '@/session/model'

declare module 'vue-router' {
  interface RouteMeta {
    /** Title of the page in the present language. */
    title?: () => string
    /** Who may open it; absent: every logged-in account. */
    roles?: readonly Role[]
    /** Open without a session (login, set-up). */
    public?: boolean
    /** `bare` draws no shell: terminal, wall, login. */
    frame?: 'shell' | 'bare'
    /** Name of the route whose place in the rail is lit for this page. */
    under?: string
    /** Place in the rail; absent: reached by links only. Lower `order` stands higher. */
    nav?: { order: number; icon: Component; label: () => string }
  }
}

export interface NavItem {
  name: string
  order: number
  icon: Component
  label: () => string
}

/** Whether one of `roles` may open a page that asks for `wanted`. */
export function mayOpen(wanted: readonly Role[] | undefined, roles: readonly Role[]): boolean {
  return !wanted || wanted.some((role) => roles.includes(role))
}

/** The rail of an account: its routes with a place, in order. */
export function visibleNav(routes: readonly RouteRecordNormalized[], roles: readonly Role[]): NavItem[] {
  return routes
    .filter((route) => route.meta.nav && route.name && mayOpen(route.meta.roles, roles))
    .map((route) => ({ name: String(route.name), ...route.meta.nav! }))
    .sort((a, b) => a.order - b.order)
}
