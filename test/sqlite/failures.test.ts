import { copyFile } from 'node:fs/promises'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { openSqliteLog, type SqliteDatabase } from '../../src/sqlite/index.js'
import { appendTo, createFact, factsFor, readAll } from '../log/facts.js'
import { rejection } from '../support/runtime.js'
import { describeSqlite, openLikeBetterSqlite, openNodeSqlite, Place } from './drivers.js'

const DRIVERS = [
  ['node:sqlite', openNodeSqlite],
  ['better-sqlite3', openLikeBetterSqlite],
] as const

describeSqlite('writing to a SQLite log', () => {
  let place: Place

  beforeEach(async () => {
    place = await Place.create()
  })

  afterEach(() => place.remove())

  function connect(driver: (path: string) => SqliteDatabase): SqliteDatabase {
    const database = place.open(driver)
    database.exec('PRAGMA busy_timeout = 0')
    return database
  }

  it('writes all facts of a tick in one transaction [SQLITE-6]', async () => {
    const database = place.open(openNodeSqlite)
    const log = await openSqliteLog(database)
    const exec = vi.spyOn(database, 'exec')
    appendTo(log, 'a', 'b', 'c')
    appendTo(log, 'a')
    const first = log.flush()
    appendTo(log, 'b')
    expect(log.flush()).toBe(first)
    await first
    expect(exec.mock.calls.flat()).toEqual(['BEGIN IMMEDIATE', 'COMMIT'])
  })

  it('makes durable what it finds: who wrote it may have been killed before the sync [SQLITE-7]', async () => {
    const left = await openSqliteLog(connect(openNodeSqlite))
    const facts = appendTo(left, 'a', 'b')
    await left.flush()
    await openSqliteLog(connect(openNodeSqlite))
    // SQLite syncs its write-ahead log before it copies that into the file.
    const copy = `${place.path}.copy`
    await copyFile(place.path, copy)
    const copied = await openSqliteLog(copy)
    expect(await readAll(copied)).toEqual(facts)
    await copied.close()
  })

  it('refuses a payload that is no JSON before it takes anything [SQLITE-6]', async () => {
    const log = await openSqliteLog(place.path)
    const [fact] = factsFor(0, 'a')
    expect(() => log.append('a', [fact!, createFact(2, 'a', { count: 1n })])).toThrow(TypeError)
    expect(log.head()).toBe(0)
    appendTo(log, 'a')
    await log.flush()
    expect(await readAll(log)).toEqual([fact])
    await log.close()
  })

  it.each(DRIVERS)('is unavailable when the disk is full, and goes on later, by %s [SQLITE-7]', async (_, driver) => {
    const database = connect(driver)
    const log = await openSqliteLog(database)
    const kept = appendTo(log, 'a', 'b')
    await log.flush()
    database.exec('PRAGMA max_page_count = 1')
    log.append('a', [createFact(3, 'a', { text: 'x'.repeat(100_000) })])
    expect(await rejection(Promise.resolve(log.flush()))).toMatchObject({
      code: 'log_unavailable',
      reason: 'failed',
      cause: { message: expect.stringContaining('full') as unknown },
    })
    expect(() => log.append('a', [createFact(4)])).toThrow('a write to it failed')
    expect(await rejection(log.close())).toMatchObject({ code: 'log_unavailable' })
    const later = await openSqliteLog(connect(driver))
    kept.push(...appendTo(later, 'a'))
    expect(await readAll(later)).toEqual(kept)
  })

  it.each(DRIVERS)('is unavailable when another program holds the database, by %s [SQLITE-8]', async (_, driver) => {
    const log = await openSqliteLog(connect(driver))
    const kept = appendTo(log, 'a')
    await log.flush()
    const other = connect(driver)
    other.exec('BEGIN IMMEDIATE')
    appendTo(log, 'a')
    expect(await rejection(Promise.resolve(log.flush()))).toMatchObject({ code: 'log_unavailable', reason: 'failed' })
    expect(await rejection(openSqliteLog(connect(driver)))).toMatchObject({
      code: 'log_unavailable',
      cause: { message: expect.stringContaining('locked') as unknown },
    })
    other.exec('ROLLBACK')
    expect(await readAll(await openSqliteLog(connect(driver)))).toEqual(kept)
  })

  it.each(DRIVERS)('is fenced when another writer has appended, by %s [SQLITE-5]', async (_, driver) => {
    const first = await openSqliteLog(connect(driver))
    const second = await openSqliteLog(connect(driver))
    const kept = appendTo(first, 'a', 'b')
    await first.flush()
    appendTo(second, 'other')
    expect(await rejection(Promise.resolve(second.flush()))).toMatchObject({
      code: 'log_unavailable',
      reason: 'failed',
      cause: { code: 'concurrent_writer', stream: null, expectedVersion: 0, actualVersion: 2 },
    })
    kept.push(...appendTo(first, 'a'))
    await first.flush()
    expect(await readAll(await openSqliteLog(connect(driver)))).toEqual(kept)
  })

  it('rejects a snapshot that finds no room, and goes on [SQLITE-7]', async () => {
    const database = connect(openNodeSqlite)
    const log = await openSqliteLog(database)
    appendTo(log, 'a')
    await log.flush()
    database.exec('PRAGMA max_page_count = 1')
    const state = { seq: 1, text: 'x'.repeat(100_000) } as never
    expect(await rejection(log.snapshots.save({ seq: 1, stateVersion: '1', state }))).toMatchObject({
      code: 'log_unavailable',
      reason: 'failed',
    })
    database.exec('PRAGMA max_page_count = 1000')
    appendTo(log, 'a')
    await log.flush()
    expect(await log.snapshots.load()).toBeUndefined()
    expect(log.head('a')).toBe(2)
  })

  it('takes a snapshot of its head only [SQLITE-14]', async () => {
    const log = await openSqliteLog(place.path)
    appendTo(log, 'a', 'a')
    const save = log.snapshots.save({ seq: 1, stateVersion: '1', state: { seq: 1 } as never })
    expect(await rejection(save)).toMatchObject({ code: 'invalid_argument', field: 'snapshot.seq', value: 1 })
    await log.close()
  })

  it('holds no transaction while somebody reads [SQLITE-15]', async () => {
    const log = await openSqliteLog(place.path)
    log.append('a', factsFor(0, ...new Array<string>(1_000).fill('a')))
    await log.flush()
    const other = connect(openNodeSqlite)
    let seen = 0
    for await (const fact of log.read()) {
      seen += 1
      if (fact.meta.seq !== 500) continue
      appendTo(log, 'b')
      await log.flush()
      expect(other.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()).toMatchObject({ busy: 0 })
    }
    expect(seen).toBe(1_000)
    await log.close()
  })
})
