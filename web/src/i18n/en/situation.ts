// The map of the situation.
import type { Dictionary } from '../zh'

export const situation = {
  nav: 'Map',
  title: 'Situation map',
  in_view: 'Incidents in view',
  nothing: 'No open incident in view',
  nothing_text: 'Move or zoom out to see other areas. New reports appear by themselves.',
  layers: 'Layers',
  layer: { region: 'Divisions', asset: 'Infrastructure', incident: 'Incidents' },
  legend: 'Legend',
  heap_hint: 'A number counts incidents on one spot or close together; click to open.',
  one: { region: 'Division', asset: 'Infrastructure', incident: 'Incident' },
  here: (n: number) => `${n} here`,
  and_more: (n: number) => `${n} more, see the list`,
  number: 'Number',
  kind: 'Kind',
  state: 'State',
  place: 'Place',
  received: 'Received',
  exercise: 'Exercise',
  consulting: 'Consultation under way',
  open: 'Open incident',
  zoom_in: 'Zoom in',
  zoom_out: 'Zoom out',
  status: {
    reported: 'Reported',
    verifying: 'Verifying',
    confirmed: 'Confirmed',
    responding: 'Responding',
    controlled: 'Under control',
  },
} satisfies Dictionary['situation']
