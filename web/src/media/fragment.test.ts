import { expect, test } from 'vitest'
import { restartFragment, withCredentials } from './fragment'

const LOCAL = 'v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=ice-ufrag:abcd\r\na=ice-pwd:secret0123456789abcdefghijkl\r\na=mid:0\r\n'

test('the fragment carries the new credentials and a media line', () => {
  const fragment = restartFragment(LOCAL)
  expect(fragment).toContain('a=ice-ufrag:abcd\r\n')
  expect(fragment).toContain('a=ice-pwd:secret0123456789abcdefghijkl\r\n')
  expect(fragment).toContain('m=video 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0')
})

test('the answer replaces credentials in every section', () => {
  const remote = `${LOCAL}${LOCAL}`
  const next = withCredentials(remote, 'a=ice-ufrag:new1\r\na=ice-pwd:newpassword0123456789abcd\r\n')
  expect(next.match(/a=ice-ufrag:new1/g)).toHaveLength(2)
  expect(next).not.toContain('a=ice-ufrag:abcd')
  expect(next.match(/a=ice-pwd:newpassword0123456789abcd/g)).toHaveLength(2)
})

test('an answer without credentials is an error', () => {
  expect(() => withCredentials(LOCAL, 'a=candidate:1')).toThrow()
})
