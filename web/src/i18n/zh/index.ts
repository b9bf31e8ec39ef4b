// Every dictionary, one line each, in alphabetical order. This is the type: en must satisfy it.
import { admin } from './admin'
import { conference } from './conference'
import { home } from './home'
import { identity } from './identity'
import { region } from './region'
import { shell } from './shell'
import { situation } from './situation'
import { ui } from './ui'

export const zh = {
  admin,
  conference,
  home,
  identity,
  region,
  shell,
  situation,
  ui,
}

export type Dictionary = typeof zh
