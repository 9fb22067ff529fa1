import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LogLockedError, openJsonlLog, type JsonlLog } from '../../src/jsonl/index.js'
import { openLog } from '../../src/jsonl/open.js'
import { rejection } from '../support/runtime.js'
import { appendTo, readSeqs } from '../log/facts.js'
import { createFailingDisk } from './failingDisk.js'
import { tempLog, writeLog, type TempLog } from './files.js'

/** A process that has ended. */
function deadPid(): number {
  return spawnSync(process.execPath, ['-e', '']).pid
}

describe('the lock of a JSONL log', () => {
  let place: TempLog
  let lock: string
  let opened: JsonlLog[]

  beforeEach(async () => {
    place = tempLog()
    lock = `${place.path}.lock`
    opened = []
    await writeLog(place.path, 2)
  })

  afterEach(async () => {
    for (const log of opened) await log.close()
    place.remove()
  })

  async function open(): Promise<JsonlLog> {
    const log = await openJsonlLog(place.path)
    opened.push(log)
    return log
  }

  function leaveLock(owner: object, file = lock): void {
    writeFileSync(file, JSON.stringify({ pid: process.pid, host: hostname(), started: null, id: 'left', ...owner }))
  }

  it('names the process that writes, and keeps others out until it closes [JSONL-9]', async () => {
    const log = await open()
    expect(JSON.parse(readFileSync(lock, 'utf8'))).toMatchObject({ pid: process.pid, host: hostname() })
    const error = await rejection(open())
    expect(error).toBeInstanceOf(LogLockedError)
    expect(error).toMatchObject({ code: 'log_locked', path: place.path, pid: process.pid, host: hostname() })
    expect((error as Error).message).toBe(
      `${place.path} is open for writing by process ${process.pid} on ${hostname()}; if that is gone for good, remove ${lock}`,
    )
    expect(log.append('a', [])).toBeUndefined()
    await log.close()
    expect(readdirSync(place.folder)).toEqual(['log.jsonl'])
    await (await open()).close()
  })

  it('is not needed by those who read [JSONL-9]', async () => {
    const log = await open()
    const reader = await openJsonlLog(place.path, { readOnly: true })
    opened.push(reader)
    appendTo(log, 'a')
    await log.flush()
    expect(await readSeqs(reader)).toEqual([1, 2])
    await reader.close()
    expect(existsSync(lock)).toBe(true)
  })

  it('is taken over from a process that has ended [JSONL-9]', async () => {
    leaveLock({ pid: deadPid() })
    const log = await open()
    expect(JSON.parse(readFileSync(lock, 'utf8'))).toMatchObject({ pid: process.pid })
    expect(log.head()).toBe(2)
    expect(readdirSync(place.folder).sort()).toEqual(['log.jsonl', 'log.jsonl.lock'])
  })

  it('is taken over by a later process of the same number [JSONL-9]', async () => {
    const log = await open()
    const { started } = JSON.parse(readFileSync(lock, 'utf8')) as { started: string | null }
    await log.close()
    leaveLock({ started })
    // Where the system does not tell when a process started, a number that is taken keeps the lock.
    expect(await rejection(open())).toMatchObject({ code: 'log_locked' })
    leaveLock({ started: `${started}0` })
    if (started === null) expect(await rejection(open())).toMatchObject({ code: 'log_locked' })
    else expect((await open()).head()).toBe(2)
  })

  it('is not taken over from another host [JSONL-9]', async () => {
    leaveLock({ pid: deadPid(), host: 'elsewhere' })
    expect(await rejection(open())).toMatchObject({ code: 'log_locked', host: 'elsewhere' })
  })

  it.each(['', 'not JSON', '{}', 'null', '{"pid":-1,"host":"x"}'])(
    'is not taken over when it reads %j [JSONL-9]',
    async (text) => {
      writeFileSync(lock, text)
      expect(await rejection(open())).toMatchObject({ code: 'log_locked', pid: null, host: null })
      expect(readFileSync(lock, 'utf8')).toBe(text)
    },
  )

  it('is taken over by one of many [JSONL-9]', async () => {
    for (let round = 0; round < 10; round += 1) {
      leaveLock({ pid: 2 ** 22 + 1 })
      const attempts = await Promise.allSettled(Array.from({ length: 12 }, open))
      const winners = attempts.filter(({ status }) => status === 'fulfilled')
      expect(winners).toHaveLength(1)
      for (const attempt of attempts) {
        if (attempt.status === 'rejected')
          expect(attempt.reason).toMatchObject({ code: 'log_locked', pid: process.pid })
      }
      for (const log of opened.splice(0)) await log.close()
      expect(readdirSync(place.folder)).toEqual(['log.jsonl'])
    }
  })

  it('is not taken from whoever was quicker [JSONL-9]', async () => {
    leaveLock({ pid: deadPid() })
    const disk = createFailingDisk()
    const others: Promise<JsonlLog>[] = []
    disk.fail({
      async create(path: string) {
        if (!path.startsWith(`${lock}.stale`) || others.length > 0) return
        others.push(open())
        await others[0]
      },
    })
    expect(await rejection(openLog(disk, place.path))).toMatchObject({ code: 'log_locked', pid: process.pid })
    expect(existsSync(lock)).toBe(true)
    expect(opened).toHaveLength(1)
    appendTo(opened[0]!, 'a')
    await opened[0]!.close()
    expect(readdirSync(place.folder)).toEqual(['log.jsonl'])
  })

  it('is taken over when whoever took it over has ended on the way [JSONL-9]', async () => {
    const pid = deadPid()
    leaveLock({ pid })
    leaveLock({ pid, id: 'other' }, `${lock}.stale`)
    leaveLock({ pid, id: 'another' }, `${lock}.stale.stale`)
    expect((await open()).head()).toBe(2)
    expect(readdirSync(place.folder).sort()).toEqual(['log.jsonl', 'log.jsonl.lock'])
  })

  it('is let go when opening fails [JSONL-9]', async () => {
    writeFileSync(place.path, 'Dear diary,\n')
    await rejection(open())
    expect(existsSync(lock)).toBe(false)
  })

  it('is left to whoever has it after it was removed by hand [JSONL-9]', async () => {
    const log = await open()
    leaveLock({ host: 'elsewhere' })
    await log.close()
    expect(JSON.parse(readFileSync(lock, 'utf8'))).toMatchObject({ host: 'elsewhere' })
  })
})
