// First screens of the roles, in English.
import type { Dictionary } from '../zh'

export const home = {
  leader: 'Home',
  duty: 'Duty desk',
  dispatch: 'Dispatch',
  operator: 'Meetings',
  planner: 'Quality',
} satisfies Dictionary['home']
