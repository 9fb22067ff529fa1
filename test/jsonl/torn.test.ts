import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openJsonlLog } from '../../src/jsonl/index.js'
import { openLog } from '../../src/jsonl/open.js'
import { createRandom } from '../../src/random.js'
import { appendTo, readAll, readSeqs } from '../log/facts.js'
import { tempLog, writeLog, type TempLog } from './files.js'
import { createMemoryDisk } from './memoryDisk.js'

const TAIL_BYTES = 64 * 1024
const FACTS = 20

describe('a JSONL log that a crash cut short', () => {
  let place: TempLog
  let whole: Buffer
  /** Where each line ends, its line end included. */
  let ends: number[]

  /** How many facts are whole in so many bytes. */
  const factsIn = (size: number): number => ends.filter((end) => end <= size).length - 1

  beforeAll(async () => {
    place = tempLog()
    const random = createRandom(1)
    // Of all lengths, and a little more than the tail has room for.
    await writeLog(place.path, FACTS, () => '🧵 text'.repeat(Math.floor(random() ** 2 * 1_150)))
    whole = readFileSync(place.path)
    ends = [...whole.entries()].filter(([, byte]) => byte === 0x0a).map(([index]) => index + 1)
    expect(ends).toHaveLength(FACTS + 1)
    expect(whole.length - ends[0]!).toBeGreaterThan(TAIL_BYTES)
  })

  afterAll(() => place.remove())

  it('is a clean prefix of its facts, wherever it was cut in its last 64 KiB [JSONL-5]', async () => {
    const path = '/log.jsonl'
    let cuts = 0
    for (let size = whole.length - TAIL_BYTES; size <= whole.length; size += 1) {
      const disk = createMemoryDisk({ [path]: whole.subarray(0, size) })
      const kept = factsIn(size)
      const cutBytes = size - ends[kept]!
      // Whoever writes cuts what whoever reads found, and takes longer.
      const readOnly = cutBytes > 40 && size % 16 !== 0
      const log = await openLog(disk, path, { readOnly })
      const left = readOnly ? size : ends[kept]
      if (cutBytes > 0 && !readOnly) cuts += 1
      // A matcher for each of 65,537 logs takes longer than the logs.
      if (log.head() !== kept || (log.recovered?.cutBytes ?? 0) !== cutBytes || disk.files[path]!.length !== left) {
        expect.fail(
          `cut at ${size}: ${log.head()} facts of ${kept}, ${log.recovered?.cutBytes} bytes cut of ${cutBytes}`,
        )
      }
    }
    expect(cuts).toBeGreaterThan(TAIL_BYTES / 16)
  }, 120_000)

  it('goes on from there, on a real disk [JSONL-5]', async () => {
    for (const end of ends.slice(-12)) {
      for (const size of [end - 30, end - 19, end - 2, end - 1, end, end + 1, end + 50]) {
        if (size > whole.length) continue
        writeFileSync(place.path, whole.subarray(0, size))
        const log = await openJsonlLog(place.path)
        const kept = factsIn(size)
        expect(log.recovered).toEqual(size === ends[kept] ? null : { cutBytes: size - ends[kept]! })
        expect(statSync(place.path).size).toBe(ends[kept])
        const [fact] = appendTo(log, 'odd')
        await log.close()
        const again = await openJsonlLog(place.path, { readOnly: true })
        expect(again.recovered).toBeNull()
        expect(await readAll(again, { from: kept })).toEqual([fact])
        await again.close()
      }
    }
  })

  it('is not changed by those who only read it, and tells them [JSONL-6]', async () => {
    writeFileSync(place.path, whole)
    truncateSync(place.path, whole.length - 7)
    const reader = await openJsonlLog(place.path, { readOnly: true })
    expect(reader.recovered).toEqual({ cutBytes: whole.length - 7 - ends[FACTS - 1]! })
    expect(await readSeqs(reader, { from: FACTS - 3 })).toEqual([FACTS - 2, FACTS - 1])
    await reader.close()
    expect(statSync(place.path).size).toBe(whole.length - 7)
  })

  it('may have zeros where a write never arrived [JSONL-5]', async () => {
    writeFileSync(place.path, Buffer.concat([whole.subarray(0, ends[15]! + 40), Buffer.alloc(5_000)]))
    const log = await openJsonlLog(place.path)
    expect(log.recovered).toEqual({ cutBytes: 5_040 })
    expect(log.head()).toBe(15)
    await log.close()
  })
})
