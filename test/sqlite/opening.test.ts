import { chmod, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createAgentRuntime, replay } from '../../src/index.js'
import { openSqliteLog } from '../../src/sqlite/index.js'
import { appendTo, readAll } from '../log/facts.js'
import { rejection } from '../support/runtime.js'
import { describeSqlite, openNodeSqlite, Place } from './drivers.js'

let place: Place

beforeEach(async () => {
  place = await Place.create()
})

afterEach(async () => {
  vi.restoreAllMocks()
  await chmod(place.folder, 0o755)
  await place.remove()
})

describe('a SQLite log where there is no SQLite', () => {
  it('says what to do, and leaves nothing behind [SQLITE-1]', async () => {
    vi.spyOn(process, 'getBuiltinModule').mockReturnValue(undefined)
    const error = await rejection(openSqliteLog(place.path))
    expect(error).toMatchObject({ code: 'sqlite_unsupported', reason: 'no_driver' })
    expect((error as Error).message).toMatch(/Node 22\.14.*better-sqlite3/)
    expect(await readdir(place.folder)).toEqual([])
  })

  it.each([undefined, '', ' ', 7, {}, { exec: () => undefined }])('does not open %j [SQLITE-1]', async (given) => {
    expect(await rejection(openSqliteLog(given as never))).toMatchObject({
      code: 'invalid_argument',
      field: 'pathOrDatabase',
      value: given,
    })
  })

  it('takes no option that is misspelt [SQLITE-1]', async () => {
    const open = openSqliteLog(place.path, { readonly: true } as never)
    expect(await rejection(open)).toMatchObject({ code: 'invalid_argument', field: 'readonly' })
  })
})

describeSqlite('opening a SQLite log', () => {
  it('makes a database that survives a crash, and says what it is [SQLITE-2]', async () => {
    const database = place.open(openNodeSqlite)
    await openSqliteLog(database)
    const pragma = (name: string) => Object.values(database.prepare(`PRAGMA ${name}`).get() as object)[0] as unknown
    expect(pragma('journal_mode')).toBe('wal')
    expect(pragma('synchronous')).toBe(2)
    expect(pragma('user_version')).toBe(1)
    expect(Buffer.from((pragma('application_id') as number).toString(16), 'hex').toString()).toBe('RARL')
  })

  it('refuses a database that does not survive one [SQLITE-2]', async () => {
    const inMemory = openSqliteLog(openNodeSqlite(':memory:'))
    expect(await rejection(inMemory)).toMatchObject({ code: 'sqlite_unsupported', reason: 'not_durable' })
  })

  it.each([
    ['a text', 'a letter, long enough to be no header of a database '.repeat(20), 'it is no SQLite database'],
    ['nothing', '', 'it is empty'],
  ])('refuses %s when it is to be read, and leaves it as it is [SQLITE-3]', async (_, text, reason) => {
    await writeFile(place.path, text)
    expect(await rejection(openSqliteLog(place.path, { readOnly: true }))).toMatchObject({
      code: 'invalid_argument',
      message: `${place.path} is not a log: ${reason}`,
    })
    expect(await readFile(place.path, 'utf8')).toBe(text)
  })

  it('refuses a database of somebody else, and leaves it as it is [SQLITE-3]', async () => {
    place.change('CREATE TABLE customers (name TEXT)')
    const before = await readFile(place.path)
    for (const options of [{}, { readOnly: true }]) {
      expect(await rejection(openSqliteLog(place.path, options))).toMatchObject({
        code: 'invalid_argument',
        message: `${place.path} is not a log: it is a SQLite database of something else`,
      })
    }
    expect(await readFile(place.path)).toEqual(before)
    expect(await readdir(place.folder)).toEqual(['log.db'])
  })

  it('names the version of a later schema [SQLITE-3]', async () => {
    await (await openSqliteLog(place.path)).close()
    place.change('PRAGMA user_version = 7')
    for (const options of [{}, { readOnly: true }]) {
      expect(await rejection(openSqliteLog(place.path, options))).toMatchObject({
        code: 'log_version',
        version: 7,
        supported: 1,
      })
    }
  })

  it.each(['DROP TABLE snapshots', 'ALTER TABLE facts ADD COLUMN note TEXT', 'PRAGMA user_version = 0'])(
    'refuses a log after %s [SQLITE-3]',
    async (change) => {
      await (await openSqliteLog(place.path)).close()
      place.change(change)
      expect(await rejection(openSqliteLog(place.path))).toMatchObject({ code: 'log_corrupt' })
    },
  )

  it('takes an index or a view that somebody has added [SQLITE-3]', async () => {
    await (await openSqliteLog(place.path)).close()
    place.change('CREATE INDEX by_type ON facts (type); CREATE VIEW types AS SELECT DISTINCT type FROM facts')
    await (await openSqliteLog(place.path)).close()
  })

  it('refuses paths that lead nowhere, and leaves no lock behind [SQLITE-4]', async () => {
    const folder = join(place.folder, 'folder')
    await mkdir(folder)
    for (const [path, options] of [
      [join(place.folder, 'none', 'log.db'), {}],
      [join(place.folder, 'none.db'), { readOnly: true }],
      [folder, {}],
      [folder, { readOnly: true }],
      ['log\0.db', {}],
    ] as const) {
      expect(await rejection(openSqliteLog(path, options))).toMatchObject({ code: 'invalid_argument', value: path })
    }
    expect(await readdir(place.folder)).toEqual(['folder'])
  })

  it('has one writer, by whatever name it is opened [SQLITE-5]', async () => {
    const log = await openSqliteLog(place.path)
    const other = join(place.folder, 'link.db')
    await symlink(place.path, other)
    for (const path of [place.path, other]) {
      expect(await rejection(openSqliteLog(path))).toMatchObject({ code: 'log_locked', pid: process.pid })
    }
    await log.close()
    await (await openSqliteLog(other)).close()
    expect((await readdir(place.folder)).sort()).toEqual(['link.db', 'log.db'])
  })

  it('leaves a database open that it was given [SQLITE-16]', async () => {
    const database = place.open(openNodeSqlite)
    const log = await openSqliteLog(database)
    appendTo(log, 'a', 'b')
    await log.close()
    expect(database.prepare('SELECT seq, stream, version, at, type FROM facts WHERE seq = 2').get()).toEqual({
      seq: 2,
      stream: 'b',
      version: 1,
      at: 1_002,
      type: 'sessions/completed',
    })
    expect(await rejection(readAll(log))).toMatchObject({ code: 'log_unavailable', reason: 'closed' })
  })

  const isTooOld = process.versions.node.startsWith('22.14.')
  it.skipIf(isTooOld)('reads in a folder that nobody may write to, from Node 22.15 [SQLITE-17]', async () => {
    const log = await openSqliteLog(place.path)
    const facts = appendTo(log, 'a', 'b')
    await log.close()
    await chmod(place.path, 0o444)
    await chmod(place.folder, 0o555)
    await asNobody(async () => {
      expect(await rejection(openSqliteLog(place.path))).toMatchObject({ code: 'invalid_argument' })
      const reader = await openSqliteLog(place.path, { readOnly: true })
      expect(await readAll(reader)).toEqual(facts)
      await reader.close()
    })
    expect(await readdir(place.folder)).toEqual(['log.db'])
  })

  it('keeps what a runtime records: its facts replay to its state [SQLITE-18]', async () => {
    const log = await openSqliteLog(place.path)
    const runtime = createAgentRuntime({ log })
    const writer = runtime.orchestrator({ role: 'writer', phase: 'draft' })
    await writer.session((session) => session.runTurn(() => 1, { usage: { inputTokens: 7 } }), { threadId: 'thread' })
    await log.close()
    const again = await openSqliteLog(place.path, { readOnly: true })
    expect(replay(await readAll(again))).toEqual(runtime.getState())
    expect(await readAll(again, { stream: 'thread' })).toHaveLength(again.head('thread'))
    await again.close()
  })
})

/** Root may write anywhere. */
async function asNobody(test: () => Promise<void>): Promise<void> {
  const isRoot = process.getuid?.() === 0
  if (isRoot) process.seteuid?.(65_534)
  try {
    await test()
  } finally {
    if (isRoot) process.seteuid?.(0)
  }
}
