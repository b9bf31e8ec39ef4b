import { afterEach, expect, test, vi } from 'vitest'
import { get, newId, post, Problem, request } from './client'

afterEach(() => vi.unstubAllGlobals())

function answer(status: number, body: unknown, headers: Record<string, string> = {}) {
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', ...headers } })
}

test('a command that got no answer is sent again under the same key', async () => {
  const keys: string[] = []
  vi.stubGlobal('fetch', async (_url: string, init: RequestInit) => {
    keys.push((init.headers as Record<string, string>)['Idempotency-Key']!)
    if (keys.length < 2) throw new TypeError('network')
    return answer(200, { id: 1 })
  })
  expect(await post('/incidents', { title: 'x' })).toEqual({ id: 1 })
  expect(keys).toHaveLength(2)
  expect(keys[0]).toBe(keys[1])
})

test('a refusal is thrown as a problem and not tried again', async () => {
  let calls = 0
  vi.stubGlobal('fetch', async () => {
    calls += 1
    return answer(403, { code: 'identity.not_permitted' })
  })
  await expect(get('/accounts')).rejects.toMatchObject({ status: 403, code: 'identity.not_permitted' })
  expect(calls).toBe(1)
})

test('the journal position of an answer is handed on', async () => {
  vi.stubGlobal('fetch', async () => answer(200, { items: [] }, { 'x-journal-seq': '17' }))
  expect((await request('GET', '/incidents')).seq).toBe(17)
})

test('a server that never answers is a problem of its own', async () => {
  vi.stubGlobal('fetch', async () => {
    throw new TypeError('network')
  })
  const error = await get('/session').catch((e: unknown) => e)
  expect(error).toBeInstanceOf(Problem)
  expect((error as Problem).code).toBe('client.unreachable')
})

test('ids are fresh version 4 UUIDs with and without a secure context', () => {
  const shape = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
  expect(newId()).toMatch(shape)
  vi.stubGlobal('crypto', { getRandomValues: crypto.getRandomValues.bind(crypto) })
  expect(newId()).toMatch(shape)
})
