import { appendFile, rm } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { CliError } from '../../src/cli/cliError.js'
import type { Fact } from '../../src/index.js'
import { openJsonlLog } from '../../src/jsonl/index.js'
import { openDamagedLog } from '../cli/run.js'
import { tellStory } from '../cli/story.js'
import { ask } from './ask.js'
import { useServing } from './serving.js'

const HOSTILE_HOSTS = ['evil.example', '127.0.0.1', '127.0.0.1.evil.example:80']

describe('the server of the inspector', () => {
  const serving = useServing()
  const { files } = serving

  it('serves the page and its files on loopback [INSP-1]', async () => {
    const { origin } = await serving.serve([await files.writeStory()])
    expect(new URL(origin).hostname).toBe('127.0.0.1')
    const page = await ask(origin)
    expect([page.status, page.headers['content-type'], page.text]).toEqual([
      200,
      'text/html; charset=utf-8',
      '<!doctype html><title>page</title>',
    ])
    const script = await ask(origin, { path: '/assets/index-1a2b.js' })
    expect([script.status, script.headers['content-type']]).toEqual([200, 'text/javascript; charset=utf-8'])
  })

  it('serves two logs, each under the name of its file [INSP-1]', async () => {
    const facts = await tellStory()
    const paths = [await files.write(facts), await files.write(facts.slice(0, 9), 'b.jsonl')]
    const { client } = await serving.serve(paths)
    expect(await client.logs()).toEqual([
      { index: 0, name: 'a.jsonl', format: 'jsonl', facts: 31, content: false, notes: [] },
      { index: 1, name: 'b.jsonl', format: 'jsonl', facts: 9, content: false, notes: [] },
    ])
    const [, other] = await client.logs()
    expect((await client.load(other!)).head).toBe(9)
  })

  it('refuses requests that name another host [INSP-2]', async () => {
    const { origin, token } = await serving.serve([await files.writeStory()])
    for (const host of HOSTILE_HOSTS) {
      const headers = { Host: host, Authorization: `Bearer ${token}` }
      expect((await ask(origin, { path: '/api/logs', headers })).status, host).toBe(403)
      expect((await ask(origin, { headers })).status, host).toBe(403)
    }
    const named = { Host: new URL(origin).host.replace('127.0.0.1', 'localhost') }
    expect((await ask(origin, { headers: named })).status).toBe(200)
  })

  it('refuses requests of pages from elsewhere [INSP-2]', async () => {
    const { origin, token } = await serving.serve([await files.writeStory()])
    const answerTo = async (from: string) =>
      (await ask(origin, { path: '/api/logs', headers: { Origin: from, Authorization: `Bearer ${token}` } })).status
    expect(await answerTo('http://evil.example')).toBe(403)
    expect(await answerTo('null')).toBe(403)
    expect(await answerTo('http://127.0.0.1:1')).toBe(403)
    expect(await answerTo(origin)).toBe(200)
  })

  it('serves no fact to who has no token [INSP-3]', async () => {
    const { origin } = await serving.serve([await files.writeStory()])
    for (const Authorization of [undefined, 'Bearer ', 'Bearer the-tokem', 'the-token']) {
      const headers = Authorization === undefined ? {} : { Authorization }
      for (const path of ['/api/logs', '/api/logs/0/facts', '/api/else']) {
        const { status, text } = await ask(origin, { path, headers })
        expect(status).toBe(401)
        expect(text).toBe('the address of the page lacks its token: open the one that was printed\n')
      }
    }
  })

  it('lets nothing be cached, embedded, sniffed, or loaded from elsewhere [INSP-4]', async () => {
    const { origin, token } = await serving.serve([await files.writeStory()])
    const headers = { Authorization: `Bearer ${token}` }
    for (const path of ['/', '/api/logs', '/api/logs/0/facts', '/nowhere']) {
      const answered = await ask(origin, { path, headers })
      expect(answered.headers).toMatchObject({
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-resource-policy': 'same-origin',
      })
      expect(answered.headers['content-security-policy']).toContain("default-src 'self'")
      expect(answered.headers['content-security-policy']).toContain("frame-ancestors 'none'")
      expect(answered.headers['access-control-allow-origin']).toBeUndefined()
    }
  })

  it('serves nothing outside of the folder of the page, and only for reading [INSP-4]', async () => {
    const { origin, token } = await serving.serve([await files.writeStory()])
    const paths = ['/../a.jsonl', '/%2e%2e/a.jsonl', '/assets/..%2f..%2fa.jsonl', '//a.jsonl', '/api/logs/1/facts']
    for (const path of paths) {
      expect((await ask(origin, { path, headers: { Authorization: `Bearer ${token}` } })).status, path).toBe(404)
    }
    const posted = await ask(origin, {
      method: 'POST',
      path: '/api/logs',
      headers: { Authorization: `Bearer ${token}` },
    })
    expect(posted.status).toBe(405)
  })

  it('streams the facts with their count [INSP-5]', async () => {
    const facts = await tellStory()
    const { origin, token } = await serving.serve([await files.write(facts)], { content: true })
    const answered = await ask(origin, { path: '/api/logs/0/facts', headers: { Authorization: `Bearer ${token}` } })
    expect(answered.headers['fact-count']).toBe('31')
    const served = answered.text.trimEnd().split('\n')
    expect(served.map((line) => JSON.parse(line) as Fact)).toEqual(facts)
  })

  it('shows what was written since when it is loaded again [INSP-7]', async () => {
    const facts = await tellStory()
    const path = await files.write(facts.slice(0, 9))
    const { client } = await serving.serve([path])
    const [before] = await client.logs()
    const log = await openJsonlLog(path)
    for (const fact of facts.slice(9)) log.append(fact.meta.stream, [fact])
    await log.close()
    const [after] = await client.logs()
    expect([before?.facts, after?.facts]).toEqual([9, 31])
    expect((await client.load(before!)).head).toBe(31)
  })

  it('tells of a last line that is half-written [INSP-6]', async () => {
    const path = await files.writeStory()
    await appendFile(path, '{"half')
    const { client } = await serving.serve([path])
    const [log] = await client.logs()
    expect(log?.notes.map(files.tidy)).toEqual([
      'the last line of a.jsonl is half-written: its 6 bytes are left out, the rest is whole',
    ])
    expect((await client.load(log!)).head).toBe(31)
  })

  it('says in one line what is wrong with a log that can be read no further [INSP-6]', async () => {
    const facts = await tellStory()
    const { client } = await serving.serve(['a.jsonl'], { openLog: openDamagedLog(facts, 3) })
    const [log] = await client.logs()
    const run = await client.load(log!)
    expect(run.damage).toBe('the log is damaged at fact 4: its checksum does not fit')
    expect(run.facts).toEqual(facts.slice(0, 3))
  })

  it('says in one line what is wrong with a log that cannot be read at all [INSP-6]', async () => {
    const { client } = await serving.serve(['a.jsonl'], { openLog: openDamagedLog(await tellStory(), 0) })
    const [log] = await client.logs()
    await expect(client.load(log!)).rejects.toMatchObject({
      name: 'InspectorError',
      message: 'the log is damaged at fact 1: its checksum does not fit',
    })
  })

  it('shows the facts before one that does not follow, and why no more [INSP-6]', async () => {
    const facts = await tellStory()
    const openWhole = openDamagedLog(facts, 0)
    async function* read() {
      yield* facts.filter((_, index) => index !== 5)
    }
    const { client } = await serving.serve(['a.jsonl'], {
      openLog: async (path) => {
        const opened = await openWhole(path)
        return { ...opened, log: Object.assign(opened.log, { read }) }
      },
    })
    const [log] = await client.logs()
    const { head, damage } = await client.load(log!)
    expect(head).toBe(5)
    expect(damage).toBe('the log is damaged at fact 7: fact 6 should be there')
  })

  it('says in one line what is wrong with a log that is gone [INSP-6]', async () => {
    const path = await files.writeStory()
    const { client } = await serving.serve([path])
    await rm(path)
    const message = `${path} cannot be read: there is no such file`
    await expect(client.logs()).rejects.toMatchObject({ name: 'InspectorError', message })
  })

  it('does not tell of errors that nobody foresaw [INSP-6]', async () => {
    const openLog = () => Promise.reject(new Error('SECRET'))
    const { client } = await serving.serve(['a.jsonl'], { openLog })
    await expect(client.logs()).rejects.toThrow(/^the log could not be read$/)
  })

  it('says when the port is in use, and when the page was not built [INSP-6]', async () => {
    const path = await files.writeStory()
    const { origin } = await serving.serve([path])
    const port = Number(new URL(origin).port)
    await expect(serving.serve([path], { port })).rejects.toThrow(
      new CliError(`port ${port} is in use: choose another one with --port`),
    )
    const folder = files.path('nowhere')
    await expect(serving.serve([path], { folder })).rejects.toThrow(
      new CliError(`${folder} has no page: it was not built`),
    )
  })

  it('answers nobody any more when it is closed [INSP-1]', async () => {
    const { origin, close } = await serving.serve([await files.writeStory()])
    await ask(origin)
    await close()
    await expect(ask(origin)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })
})
