import type { Dictionary } from '../zh'

export const consultation = {
  surroundings: 'Surroundings',
  radius: 'Radius',
  inside: (radius: string) => `Within ${radius}`,
  nearest: 'Nearest in use',
  nothing_inside: 'Nothing registered inside the circle; try a larger radius.',
  nothing_near: 'No asset in use helps with this kind of incident.',
  truncated: 'Too many to list; these are the nearer ones.',
  experts: 'Experts who fit',
  no_experts: 'No expert fits this kind of incident.',
  choose: (name: string) => `Invite ${name}`,
  score: 'Score',
  open: 'Open consultation',
  name: 'Title',
  main_venue: 'Main venue',
  venues: 'Venues to call',
  no_venues: 'No venue is registered where it happened; choose others.',
  more_venues: 'Add other venues',
} satisfies Dictionary['consultation']
