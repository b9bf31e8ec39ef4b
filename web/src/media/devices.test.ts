import { expect, test } from 'vitest'
import { troubleOf } from './devices'

const failed = (name: string, message = '') => new DOMException(message, name)

test('each way to fail has its own word', () => {
  expect(troubleOf(failed('NotAllowedError'), false)).toBe('insecure')
  expect(troubleOf(failed('NotAllowedError', 'Permission denied'), true)).toBe('denied')
  expect(troubleOf(failed('NotAllowedError', 'Permission denied by system'), true)).toBe('blocked_by_system')
  expect(troubleOf(failed('NotReadableError'), true)).toBe('in_use')
  expect(troubleOf(failed('NotFoundError'), true)).toBe('not_found')
  expect(troubleOf(new Error('?'), true)).toBe('unknown')
})
