import { expect, test } from 'vitest'
import { actsInField, keyName } from './keys'

const plain = { ctrlKey: false, altKey: false, metaKey: false }

test('a key is named with its modifiers', () => {
  expect(keyName({ ...plain, key: 'N' })).toBe('n')
  expect(keyName({ ...plain, ctrlKey: true, key: 'Enter' })).toBe('Ctrl+Enter')
  expect(keyName({ ...plain, key: 'F2' })).toBe('F2')
})

test('plain letters stay with the text that is being typed', () => {
  expect(actsInField('n')).toBe(false)
  expect(actsInField('Enter')).toBe(false)
  expect(actsInField('Ctrl+Enter')).toBe(true)
  expect(actsInField('F2')).toBe(true)
})
