// Pages of the three administrators, in English.
import type { Dictionary } from '../zh'

export const admin = {
  system: 'System',
  security: 'Security',
  audit: 'Audit',
} satisfies Dictionary['admin']
