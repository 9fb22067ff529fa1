import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openJsonlLog } from '../../src/jsonl/index.js'
import { openSqliteLog } from '../../src/sqlite/index.js'
import { deferred } from '../support/runtime.js'
import { bundleChild } from './bundle.js'
import { Campaign } from './campaign.js'
import { ChildProcess } from './childProcess.js'
import type { Store } from './job.js'
import { live } from './life.js'
import { ModelServer } from './modelServer.js'
import { readLog } from './recorded.js'
import { lacksSqlite } from './stores.js'

/*
 * The short form of `npm run test:crash`: real processes, really killed.
 */

const lack = lacksSqlite()
const stores: readonly Store[] = lack === undefined ? ['jsonl', 'sqlite'] : ['jsonl']
const TIMEOUT_MS = 120_000

let folder: string
let bundle: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'crash-'))
  bundle = await bundleChild(folder)
}, TIMEOUT_MS)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.each(stores)('an agent whose process is killed, with a log in %s', (store) => {
  it(
    'loses nothing that it was given, makes no recorded call again, and ends as if nothing had been [DUR-13, DUR-14]',
    { timeout: TIMEOUT_MS },
    async () => {
      const reference = await Campaign.reference(bundle, store)
      const { kills, duplicates, inFlight, acknowledged } = await Campaign.run(bundle, store, 1, reference)
      expect(kills).toBeGreaterThanOrEqual(4)
      expect(duplicates).toBeLessThanOrEqual(inFlight)
      expect(acknowledged).toBeGreaterThan(60)
    },
  )

  it('keeps its log to itself, and leaves it to the next when it is killed', { timeout: TIMEOUT_MS }, async () => {
    const path = join(folder, `shared-${store}`)
    const server = await ModelServer.start(1)
    const answering = deferred<undefined>()
    server.held = answering.promise
    const [first, second, third] = [new ChildProcess(bundle), new ChildProcess(bundle), new ChildProcess(bundle)]
    const job = { life: 0, store, path, threads: ['thread'] }
    const arrived = new Promise<void>((resolve) => (server.onCall = () => resolve()))
    const killed = live(first, job, server, { by: 'told', nth: 8 })
    await arrived
    const refused = await Promise.all([open(store, path), endOf(second, { ...job, port: server.port })])
    expect(refused).toEqual(['LogLockedError', expect.stringContaining('LogLockedError')])
    expect(server.calls).toHaveLength(1)
    answering.resolve(undefined)
    expect(await killed).toMatchObject({ signal: 'SIGKILL' })
    const { facts } = await readLog(store, path)
    expect(facts.length).toBeGreaterThan(20)
    expect(await live(third, { ...job, life: 1 }, server, null)).toMatchObject({ code: 0 })
    expect(third.told.at(-1)).toMatchObject({ told: 'done' })
    await server.close()
  })
})

if (lack !== undefined)
  describe.skip(`an agent whose process is killed, with a log in SQLite (${lack})`, () =>
    it('ends as if nothing had been'))

/** The name of the error, when another process writes it. */
async function open(store: Store, path: string): Promise<string> {
  const opening = store === 'jsonl' ? openJsonlLog(path) : openSqliteLog(path)
  return opening.then(
    (log) => log.close().then(() => 'opened'),
    (error: unknown) => (error as Error).name,
  )
}

async function endOf(child: ChildProcess, job: Omit<Parameters<ChildProcess['begin']>[0], 'death'>): Promise<string> {
  child.begin({ ...job, death: null })
  return (await child.ended).complaint
}
