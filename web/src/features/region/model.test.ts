import { expect, test } from 'vitest'
import { parentOf, pathName, type Division } from './model'

const at = (code: string, name: string): Division => ({ code, name, kind: 'county' })
const all = [at('22', '吉林省'), at('2201', '长春市'), at('220102', '南关区'), at('220102001', '某街道'), at('2202', '吉林市')]

test('the parent is the longest code that covers it', () => {
  expect(parentOf('220102001', all)?.name).toBe('南关区')
  expect(parentOf('220103', all)?.name).toBe('长春市')
  expect(parentOf('22', all)).toBeNull()
})

test('a name is told with its parent', () => {
  expect(pathName(all[2]!, all)).toBe('长春市 / 南关区')
  expect(pathName(all[0]!, all)).toBe('吉林省')
})
