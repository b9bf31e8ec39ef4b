import { afterEach, expect, test } from 'vitest'
import { t } from '.'
import { en } from './en'
import { locale } from './locale'
import { zh } from './zh'

afterEach(() => {
  locale.value = 'zh'
})

function leaves(node: unknown, path: string, into: Map<string, unknown>): Map<string, unknown> {
  if (typeof node === 'object' && node !== null) {
    for (const [key, value] of Object.entries(node)) leaves(value, `${path}.${key}`, into)
  } else into.set(path, node)
  return into
}

test('both languages have the same keys and no empty text', () => {
  const zhLeaves = leaves(zh, '', new Map())
  const enLeaves = leaves(en, '', new Map())
  expect([...enLeaves.keys()].sort()).toEqual([...zhLeaves.keys()].sort())
  for (const text of [...zhLeaves.values(), ...enLeaves.values()]) expect(text).not.toBe('')
})

test('no Chinese character stands in an English text', () => {
  const chinese = [...leaves(en, '', new Map())].filter(([, text]) => typeof text === 'string' && /\p{Script=Han}/u.test(text))
  expect(chinese.map(([path]) => path)).toEqual(['.shell.other_language'])
})

test('a text follows the language', () => {
  expect(t.ui.save).toBe('保存')
  locale.value = 'en'
  expect(t.ui.save).toBe('Save')
})
