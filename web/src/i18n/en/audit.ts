// The journal as the auditor reads it, in English.
import type { Dictionary } from '../zh'

export const audit = {
  title: 'Audit',
  note: 'Every command, login and refused attempt; nothing can be changed. Business content is closed to the audit.',
  verify: 'Verify the chain',
  whole: (n: number) => `The journal is whole: none of ${n} entries was changed`,
  broken: (seq: number, why: string) => `The journal was changed or cut at entry ${seq}: ${why}`,
  seq: 'No.',
  at: 'Time',
  actor: 'By',
  kind: 'What',
  entity: 'Object',
  jurisdiction: 'Jurisdiction',
  content: 'Content',
  closed: '(business content, closed)',
  refused: 'Refused',
  empty: 'No such entry',
  kinds: {
    '': 'Everything',
    'audit.refused': 'Refused attempts',
    'identity.': 'Accounts and logins',
    'incident.': 'Incidents',
    'conference.': 'Meetings',
    'expert.': 'Experts',
    'asset.': 'Infrastructure',
    'region.': 'Divisions',
  },
} satisfies Dictionary['audit']
