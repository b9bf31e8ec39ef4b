// Tiles lead only to pages that are there and that this account may open.
import { useRouter } from 'vue-router'
import { mayOpen } from '@/nav'
import { useSession } from '@/session/store'

export function useRoutesThatExist(): (name: string) => boolean {
  const router = useRouter()
  const session = useSession()
  const open = new Set(
    router
      .getRoutes()
      .filter((route) => mayOpen(route.meta.roles, session.roles))
      .map((route) => route.name),
  )
  return (name) => open.has(name)
}
