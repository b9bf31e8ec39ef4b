// The registry of venues, in English.
import type { Dictionary } from '../zh'

export const venue = {
  title: 'Venues',
  note: 'Venues of every level by division; meetings choose from here.',
  search: 'Find a venue by name',
  add: 'Register venue',
  edit: 'Change venue',
  name: 'Name',
  short_name: 'Short name',
  short_name_hint: 'Shown on pictures; the full name when empty.',
  division: 'Division',
  level: 'Level',
  kind: 'Kind',
  kind_text: {
    av: 'Has a camera and a microphone, may be the main venue.',
    audio_only: 'Sound only, no picture.',
    listen_only: 'Sees and hears, does not speak.',
    source: 'Sends pictures only: a body camera, a drone, a fixed camera.',
  },
  remote: 'Remote microphone',
  remote_yes: 'Allowed',
  remote_no: 'Not allowed',
  remote_ok: 'The operator may open this venue’s microphone',
  count: (n: number) => (n === 1 ? '1 venue' : `${n} venues`),
  retire: 'Retire',
  retire_text: (name: string) => `“${name}” leaves the registry and is not offered to meetings any more; past meetings keep it.`,
  retired: (name: string) => `“${name}” is retired`,
  none: 'No venues yet',
  none_text: 'Register your own main venue first, then those of the counties and towns.',
  none_found: 'No such venue',
  none_found_text: 'Try another name, or clear the search.',
} satisfies Dictionary['venue']
