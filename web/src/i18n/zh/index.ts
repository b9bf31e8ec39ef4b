// Every dictionary, one line each, in alphabetical order. This is the type: en must satisfy it.
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

export const zh = {
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
}

export type Dictionary = typeof zh
