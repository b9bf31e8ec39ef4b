// Every dictionary in English, one line each, in alphabetical order. A missing key does not compile.
import type { Dictionary } from '../zh'
import { admin } from './admin'
import { conference } from './conference'
import { home } from './home'
import { identity } from './identity'
import { region } from './region'
import { shell } from './shell'
import { situation } from './situation'
import { ui } from './ui'

export const en = {
  admin,
  conference,
  home,
  identity,
  region,
  shell,
  situation,
  ui,
} satisfies Dictionary
