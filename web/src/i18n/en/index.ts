// Every dictionary in English, one line each, in alphabetical order. A missing key does not compile.
import type { Dictionary } from '../zh'
import { admin } from './admin'
import { conference } from './conference'
import { consultation } from './consultation'
import { expert } from './expert'
import { audit } from './audit'
import { home } from './home'
import { identity } from './identity'
import { infrastructure } from './infrastructure'
import { listImport } from './listImport'
import { incident } from './incident'
import { recording } from './recording'
import { region } from './region'
import { shell } from './shell'
import { situation } from './situation'
import { ui } from './ui'
import { venue } from './venue'

export const en = {
  admin,
  conference,
  consultation,
  expert,
  audit,
  home,
  identity,
  infrastructure,
  listImport,
  incident,
  recording,
  region,
  shell,
  situation,
  ui,
  venue,
} satisfies Dictionary
