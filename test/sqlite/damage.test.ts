import { readFile, writeFile } from 'node:fs/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Fact } from '../../src/index.js'
import { openSqliteLog, type SqliteLog } from '../../src/sqlite/index.js'
import { appendTo, readAll } from '../log/facts.js'
import { rejection } from '../support/runtime.js'
import { describeSqlite, Place } from './drivers.js'

const COMMITS = 60
const STREAMS = ['a', 'b', 'c']

/** Databases are opened hundreds of times. */
const TIMEOUT_MS = 120_000

/** How many bits are tried, spread over the file. */
const FLIPS = 150

describeSqlite('a damaged SQLite log', () => {
  let place: Place
  let facts: Fact[]

  beforeEach(async () => {
    place = await Place.create()
  })

  afterEach(() => place.remove())

  /** Appends facts, in commits of their own. */
  async function write(log: SqliteLog): Promise<void> {
    facts = []
    for (let commit = 0; commit < COMMITS; commit += 1) {
      facts.push(...appendTo(log, ...STREAMS.slice(commit % STREAMS.length)))
      await log.flush()
    }
  }

  async function writeAndClose(): Promise<void> {
    const log = await openSqliteLog(place.path)
    await write(log)
    await log.close()
  }

  /** What a process that is killed leaves behind: the database, and beside it what was committed since. */
  async function writeAndCrash(): Promise<{ readonly database: Buffer; readonly wal: Buffer }> {
    const log = await openSqliteLog(place.path)
    await write(log)
    const [database, wal] = await Promise.all([readFile(place.path), readFile(`${place.path}-wal`)])
    await log.close()
    return { database, wal }
  }

  /** The facts that are found, in the log and by stream, or the code of the error. */
  async function find(): Promise<Fact[] | string> {
    let log: SqliteLog | undefined
    try {
      log = await openSqliteLog(place.path)
      const found = await readAll(log)
      for (const stream of STREAMS) {
        const ofStream = found.filter(({ meta }) => meta.stream === stream)
        expect(log.head(stream)).toBe(ofStream.length)
        expect(await readAll(log, { stream })).toEqual(ofStream)
      }
      return found
    } catch (error) {
      return (error as { code?: string }).code ?? String(error)
    } finally {
      await log?.close()
    }
  }

  it.each([
    ['seq', 'seq + 1000'],
    ['stream', "'other'"],
    ['version', 'version + 1000'],
    ['at', 'at + 0.5'],
    ['type', "'sessions/opened'"],
    ['v', 'v + 1'],
    ['payload', "replace(payload, 'session', 'sessi0n')"],
    ['meta', `'{"seal":"x"}'`],
    ['crc', 'crc + 1'],
  ])('names the fact whose %s was changed [SQLITE-9]', async (column, value) => {
    await writeAndClose()
    place.change(`UPDATE facts SET ${column} = ${value} WHERE seq = 20`)
    const log = await openSqliteLog(place.path)
    expect(await rejection(readAll(log))).toMatchObject({ code: 'log_corrupt', position: { seq: 20 } })
    await log.close()
  })

  it('names a fact that is missing, in the log and in its stream [SQLITE-10]', async () => {
    await writeAndClose()
    place.change('DELETE FROM facts WHERE seq = 20')
    const log = await openSqliteLog(place.path)
    expect(await rejection(readAll(log))).toMatchObject({ code: 'log_corrupt', position: { seq: 20 } })
    const { stream } = facts[19]!.meta
    expect(await rejection(readAll(log, { stream }))).toMatchObject({ code: 'log_corrupt' })
    expect(await readAll(log, { from: 20 })).toEqual(facts.slice(20))
    await log.close()
  })

  it('misses facts that were at its end when it was closed [SQLITE-10]', async () => {
    await writeAndClose()
    place.change(`DELETE FROM facts WHERE seq > ${facts.length - 2}`)
    expect(await rejection(openSqliteLog(place.path))).toMatchObject({
      code: 'log_corrupt',
      position: { seq: facts.length - 1 },
    })
  })

  it(
    'is found with any bit changed, or the bit means nothing [SQLITE-11]',
    async () => {
      await writeAndClose()
      const database = await readFile(place.path)
      const outcomes = new Set<string>()
      for (const flipped of flips(database)) {
        await writeFile(place.path, flipped)
        const found = await find()
        if (typeof found === 'string') outcomes.add(found)
        else expect(found).toEqual(facts)
      }
      expect(outcomes).toContain('log_corrupt')
      expect([...outcomes].filter((code) => !/^(log_corrupt|log_version|invalid_argument)$/.test(code))).toEqual([])
    },
    TIMEOUT_MS,
  )

  it(
    'is found with any bit of its write-ahead log changed, but for the last commit [SQLITE-12]',
    async () => {
      const { database, wal } = await writeAndCrash()
      let cut = 0
      for (const flipped of flips(wal)) {
        await writeFile(place.path, database)
        await writeFile(`${place.path}-wal`, flipped)
        const found = await find()
        if (found === 'log_corrupt') continue
        cut += 1
        expect(facts.slice(0, -STREAMS.length)).toEqual(found.slice(0, facts.length - STREAMS.length))
        expect(facts.slice(0, found.length)).toEqual(found)
      }
      expect(cut).toBeLessThan(FLIPS / 10)
    },
    TIMEOUT_MS,
  )

  it('keeps a write-ahead log that is damaged for who can repair it [SQLITE-12]', async () => {
    const { database, wal } = await writeAndCrash()
    const middle = wal.length / 2
    wal[middle]! ^= 1
    await writeFile(place.path, database)
    await writeFile(`${place.path}-wal`, wal)
    expect(await rejection(openSqliteLog(place.path))).toMatchObject({ code: 'log_corrupt' })
    expect(wal.equals(await readFile(`${place.path}-wal`))).toBe(true)
  })

  it(
    'is a clean prefix wherever its write-ahead log is cut [SQLITE-13]',
    async () => {
      const { database, wal } = await writeAndCrash()
      const lengths = new Set<number>()
      for (let size = wal.length; size > 0; size -= 3_989) {
        await writeFile(place.path, database)
        await writeFile(`${place.path}-wal`, wal.subarray(0, size))
        const found = (await find()) as Fact[]
        expect(found).toEqual(facts.slice(0, found.length))
        lengths.add(found.length)
      }
      expect(lengths.size).toBeGreaterThan(COMMITS / 2)
    },
    TIMEOUT_MS,
  )
})

/** The bytes with one bit changed, again and again. */
function* flips(bytes: Buffer): Generator<Buffer> {
  const bits = bytes.length * 8
  // A prime, so that every part of a byte and of a page has its turn.
  const step = 99_991
  for (let index = 0; index < FLIPS; index += 1) {
    const bit = (index * step) % bits
    const flipped = Buffer.from(bytes)
    flipped[bit >> 3]! ^= 1 << (bit & 7)
    yield flipped
  }
}
