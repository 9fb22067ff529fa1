import { readdirSync, readFileSync, statSync, truncateSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openLog } from '../../src/jsonl/open.js'
import { rejection } from '../support/runtime.js'
import { readSeqs } from '../log/facts.js'
import { createFailingDisk, diskError, failWith, type FailingDisk } from './failingDisk.js'
import { tempLog, writeLog, type TempLog } from './files.js'

describe('a JSONL log that cannot be opened', () => {
  let place: TempLog
  let disk: FailingDisk

  beforeEach(() => {
    place = tempLog()
    disk = createFailingDisk()
  })

  afterEach(() => place.remove())

  it.each(['EROFS', 'EACCES'])('says so when it may not be written (%s), and may be read [JSONL-3]', async (code) => {
    await writeLog(place.path, 2)
    disk.fail({ create: failWith(code) })
    expect(await rejection(openLog(disk, place.path))).toMatchObject({
      code: 'invalid_argument',
      value: place.path,
      message: `${place.path} cannot be written: ${code}`,
    })
    const log = await openLog(disk, place.path, { readOnly: true })
    expect(await readSeqs(log)).toEqual([1, 2])
    await log.close()
  })

  it.each(['open', 'write', 'sync', 'rename'] as const)('leaves nothing when its %s fails [JSONL-11]', async (call) => {
    disk.fail({ [call]: failWith('ENOSPC') })
    expect(await rejection(openLog(disk, place.path))).toMatchObject({
      code: 'log_unavailable',
      cause: { code: 'ENOSPC' },
    })
    disk.fail({})
    const left = readdirSync(place.folder)
    // The file was made, whole, when only the sync of its folder failed.
    expect(left.filter((name) => name !== 'log.jsonl')).toEqual([])
    const log = await openLog(disk, place.path)
    expect(log.head()).toBe(0)
    await log.close()
  })

  it('makes the file durable in its folder before it is used [JSONL-4]', async () => {
    const folders: string[] = []
    disk.fail({ open: (path: string) => folders.push(path) })
    const log = await openLog(disk, place.path)
    expect(folders).toContain(place.folder)
    await log.close()
  })

  it('makes durable what it finds: who wrote it may have been killed before the sync [JSONL-11]', async () => {
    await writeLog(place.path, 2)
    const reader = await openLog(disk, place.path, { readOnly: true })
    await reader.close()
    expect(disk.calls).not.toContain('sync')
    const log = await openLog(disk, place.path)
    expect(disk.calls).toContain('sync')
    await log.close()
    disk.fail({ sync: failWith('EIO') })
    expect(await rejection(openLog(disk, place.path))).toMatchObject({
      code: 'log_unavailable',
      cause: { code: 'EIO' },
    })
  })

  it('fails when the tail cannot be cut, and is not changed [JSONL-11]', async () => {
    await writeLog(place.path, 3)
    truncateSync(place.path, statSync(place.path).size - 5)
    const before = readFileSync(place.path)
    disk.fail({ truncate: failWith('EIO') })
    expect(await rejection(openLog(disk, place.path))).toMatchObject({
      code: 'log_unavailable',
      cause: diskError('EIO'),
    })
    expect(readFileSync(place.path)).toEqual(before)
    expect(readdirSync(place.folder)).toEqual(['log.jsonl'])
  })

  it('fails when it cannot be read [JSONL-11]', async () => {
    await writeLog(place.path, 3)
    disk.fail({ read: failWith('EIO') })
    for (const readOnly of [false, true]) {
      expect(await rejection(openLog(disk, place.path, { readOnly }))).toMatchObject({
        code: 'log_unavailable',
        cause: { code: 'EIO' },
      })
    }
    expect(readdirSync(place.folder)).toEqual(['log.jsonl'])
  })
})
