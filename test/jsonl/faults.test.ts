import { appendFileSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { initialState, type Fact } from '../../src/index.js'
import { openJsonlLog, type JsonlLog } from '../../src/jsonl/index.js'
import { openLog } from '../../src/jsonl/open.js'
import { rejection } from '../support/runtime.js'
import { appendTo, createFact, readAll } from '../log/facts.js'
import { createFailingDisk, failWith, type FailingDisk } from './failingDisk.js'
import { readLines, tempLog, type TempLog } from './files.js'

describe('a JSONL log on a disk that fails', () => {
  let place: TempLog
  let disk: FailingDisk
  let log: JsonlLog
  /** Those that were acknowledged. */
  let durable: Fact[]

  beforeEach(async () => {
    place = tempLog()
    disk = createFailingDisk()
    log = await openLog(disk, place.path)
    durable = appendTo(log, 'a', 'b', 'a')
    await log.flush()
    disk.calls.length = 0
  })

  afterEach(async () => {
    disk.fail({})
    await log.close().catch(() => undefined)
    place.remove()
  })

  /** Nothing was acknowledged, nothing is any more, and what was durable is found by the next opening. */
  async function expectUnavailable(cause: object, recovered: object | null = null): Promise<void> {
    const unavailable = { code: 'log_unavailable', reason: 'failed', cause: expect.objectContaining(cause) as unknown }
    expect(await rejection(Promise.resolve(log.flush()))).toMatchObject(unavailable)
    disk.calls.length = 0
    expect(() => appendTo(log, 'a')).toThrow(expect.objectContaining(unavailable))
    expect(await rejection(Promise.resolve(log.flush()))).toMatchObject(unavailable)
    expect(await rejection(readAll(log))).toMatchObject(unavailable)
    expect(disk.calls).toEqual([])
    disk.fail({})
    expect(await rejection(log.close())).toMatchObject(unavailable)
    const again = await openJsonlLog(place.path)
    expect(again.recovered).toEqual(recovered)
    expect(await readAll(again)).toEqual(durable)
    durable.push(...appendTo(again, 'b'))
    await again.close()
    const third = await openJsonlLog(place.path, { readOnly: true })
    expect(await readAll(third)).toEqual(durable)
    await third.close()
  }

  it('writes and syncs once for all facts of a tick [JSONL-4]', async () => {
    appendTo(log, 'a', 'b')
    appendTo(log, 'a')
    await Promise.all([log.flush()!, log.flush()!])
    expect(disk.calls).toEqual(['stat', 'write', 'datasync'])
  })

  it('acknowledges nothing when the disk is full [JSONL-11]', async () => {
    disk.fail({ write: failWith('ENOSPC') })
    appendTo(log, 'a', 'b')
    await expectUnavailable({ code: 'ENOSPC' })
  })

  it('acknowledges nothing when the disk becomes full on the way [JSONL-11]', async () => {
    disk.takeAtMost(50)
    let writes = 0
    disk.fail({ write: () => (writes += 1) < 4 || failWith('ENOSPC')() })
    appendTo(log, 'a', 'b')
    await expectUnavailable({ code: 'ENOSPC' })
  })

  it('leaves what it can neither finish nor take back to the next opening [JSONL-11]', async () => {
    disk.takeAtMost(50)
    let writes = 0
    disk.fail({ write: () => (writes += 1) < 2 || failWith('ENOSPC')(), truncate: failWith('EIO') })
    appendTo(log, 'a', 'b')
    await expectUnavailable({ code: 'ENOSPC' }, { cutBytes: 50 })
  })

  it('acknowledges nothing when the sync fails, and does not sync again [JSONL-11]', async () => {
    disk.fail({ datasync: failWith('EIO') })
    appendTo(log, 'a', 'b')
    await rejection(log.flush()!)
    expect(disk.calls.filter((call) => call.includes('sync'))).toEqual(['datasync'])
    await expectUnavailable({ code: 'EIO' })
  })

  it('acknowledges what was durable before the failure, and nothing of what came with it or after [JSONL-11]', async () => {
    durable.push(...appendTo(log, 'a'))
    await log.flush()
    disk.fail({ datasync: failWith('EIO') })
    appendTo(log, 'a')
    const first = log.flush()!
    appendTo(log, 'b')
    const second = log.flush()!
    expect(await rejection(first)).toMatchObject({ code: 'log_unavailable' })
    expect(await rejection(second)).toMatchObject({ code: 'log_unavailable' })
    await expectUnavailable({ code: 'EIO' })
  })

  it('writes on when the disk takes a little at a time [JSONL-4]', async () => {
    disk.takeAtMost(7)
    durable.push(...appendTo(log, 'a', 'b'))
    await log.flush()
    expect(disk.calls.filter((call) => call === 'write').length).toBeGreaterThan(30)
    expect(await readAll(log)).toEqual(durable)
  })

  it('gives up a disk that takes nothing [JSONL-11]', async () => {
    disk.takeAtMost(0)
    appendTo(log, 'a')
    await expectUnavailable({ message: 'the disk took nothing of what was to be written' })
  })

  it('is fenced when somebody else has written to the file [JSONL-10]', async () => {
    const [, line = ''] = readLines(place.path)
    appendFileSync(place.path, `${line}\n${line}\n`)
    appendTo(log, 'a')
    expect(await rejection(log.flush()!)).toMatchObject({
      code: 'log_unavailable',
      cause: { code: 'concurrent_writer', stream: null, expectedVersion: 3, actualVersion: 5 },
    })
    expect(disk.calls).not.toContain('write')
    expect(disk.calls).not.toContain('truncate')
    expect(readLines(place.path)).toHaveLength(7)
  })

  it('is fenced when somebody else has cut the file [JSONL-10]', async () => {
    truncateSync(place.path, statSync(place.path).size - 1)
    durable.pop()
    appendTo(log, 'a')
    expect(await rejection(log.flush()!)).toMatchObject({
      cause: { code: 'concurrent_writer', expectedVersion: 3, actualVersion: 2 },
    })
  })

  it('is fenced when the file was removed [JSONL-10]', async () => {
    rmSync(place.path)
    appendTo(log, 'a')
    expect(await rejection(log.flush()!)).toMatchObject({
      code: 'log_unavailable',
      cause: { message: 'the file of the log was removed' },
    })
  })

  it('closes, and lets its lock go, when the last write fails [JSONL-11]', async () => {
    disk.fail({ write: failWith('ENOSPC') })
    appendTo(log, 'a')
    expect(await rejection(log.close())).toMatchObject({ code: 'log_unavailable', cause: { code: 'ENOSPC' } })
    await log.close()
    expect(readdirSync(place.folder)).toEqual(['log.jsonl'])
  })

  it('says so when a read fails, and goes on [JSONL-8]', async () => {
    disk.fail({ read: failWith('EIO') })
    expect(await rejection(readAll(log))).toMatchObject({ code: 'log_unavailable', cause: { code: 'EIO' } })
    disk.fail({})
    durable.push(...appendTo(log, 'a'))
    expect(await readAll(log)).toEqual(durable)
  })

  it('ends what somebody reads when it is closed [STORE-7]', async () => {
    // More than is read at once.
    log.append(
      'a',
      Array.from({ length: 600 }, (_, index) => createFact(index + 4, 'a', { text: 'x'.repeat(1_000) })),
    )
    let seen = 0
    const reading = (async () => {
      for await (const { meta } of log.read()) if ((seen = meta.seq) === 1) await log.close()
    })()
    expect(await rejection(reading)).toMatchObject({ code: 'log_unavailable', reason: 'closed' })
    expect(seen).toBeLessThan(600)
  })

  it('lets its lock go when the file cannot be closed [JSONL-11]', async () => {
    disk.fail({ close: failWith('EIO') })
    expect(await rejection(log.close())).toMatchObject({ code: 'EIO' })
    expect(readdirSync(place.folder)).toEqual(['log.jsonl'])
  })

  it('goes on when a snapshot cannot be written [JSONL-13]', async () => {
    disk.fail({ rename: failWith('EIO') })
    const save = log.snapshots.save({ seq: 3, stateVersion: '1', state: { ...initialState, seq: 3 } })
    expect(await rejection(save)).toMatchObject({ code: 'EIO' })
    expect(await log.snapshots.load()).toBeUndefined()
    durable.push(...appendTo(log, 'a'))
    await log.flush()
    expect(await readAll(log)).toEqual(durable)
    expect(readdirSync(place.folder).sort()).toEqual(['log.jsonl', 'log.jsonl.lock'])
  })
})
