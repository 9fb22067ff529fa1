import { readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openJsonlLog } from '../../src/jsonl/index.js'
import { openLog } from '../../src/jsonl/open.js'
import { createRandom } from '../../src/random.js'
import { rejection } from '../support/runtime.js'
import { readAll } from '../log/facts.js'
import { flipped, sealed, tempLog, writeLog, type TempLog } from './files.js'
import { createMemoryDisk } from './memoryDisk.js'

const PATH = '/log.jsonl'

/** What a damaged log is opened to, or `undefined` when nobody noticed. */
async function findDamage(bytes: Buffer): Promise<unknown> {
  try {
    await openLog(createMemoryDisk({ [PATH]: bytes }), PATH)
    return undefined
  } catch (error) {
    return error
  }
}

describe('a JSONL log that was damaged', () => {
  let place: TempLog
  let whole: Buffer
  let lines: string[]

  beforeAll(async () => {
    place = tempLog()
    await writeLog(place.path, 60, (seq) => `fact ${seq} 🧵`.repeat(seq % 7))
    whole = readFileSync(place.path)
    lines = whole.toString('utf8').split('\n').slice(0, -1)
  })

  afterAll(() => place.remove())

  /** Each bit that is turned over must be found. */
  async function expectFound(bits: Iterable<number>): Promise<void> {
    for (const bit of bits) {
      const error = await findDamage(flipped(whole, bit))
      if ((error as { code?: string } | undefined)?.code !== 'log_corrupt') {
        expect.fail(`bit ${bit & 7} of byte ${bit >> 3}: ${String(error)}`)
      }
    }
  }

  function* bitsOf(from: number, to: number): Generator<number> {
    for (let bit = from * 8; bit < to * 8; bit += 1) yield bit
  }

  it('is refused for any of 1,000 random bits [JSONL-7]', async () => {
    const random = createRandom(7)
    await expectFound(Array.from({ length: 1_000 }, () => Math.floor(random() * whole.length * 8)))
  })

  it('is refused for any bit of its header and of its last fact, line ends included [JSONL-7]', async () => {
    await expectFound(bitsOf(0, whole.indexOf('\n') + 1))
    await expectFound(bitsOf(whole.lastIndexOf('\n', -2) + 1, whole.length))
  })

  it('is refused for any bit of any line end [JSONL-7]', async () => {
    for (const [index, byte] of whole.entries()) if (byte === 0x0a) await expectFound(bitsOf(index, index + 1))
  })

  it('is refused for any bit of a header that no fact follows [JSONL-7]', async () => {
    const header = whole.subarray(0, whole.indexOf('\n') + 1)
    for (const bit of bitsOf(0, header.length)) {
      expect(await findDamage(flipped(header, bit))).toMatchObject({ code: 'log_corrupt', position: { line: 1 } })
    }
  })

  const edits: readonly (readonly [what: string, edit: (lines: string[]) => void, position: object, reason: string])[] =
    [
      ['a line is missing', (all) => all.splice(30, 1), { line: 31, seq: 30 }, 'fact 30 should be there'],
      [
        'lines are swapped',
        (all) => all.splice(30, 2, all[31]!, all[30]!),
        { line: 31, seq: 30 },
        'fact 30 should be there',
      ],
      ['a line is there twice', (all) => all.splice(30, 0, all[30]!), { line: 32, seq: 31 }, 'fact 31 should be there'],
      ['a line is empty', (all) => all.splice(30, 0, ''), { line: 31, seq: 30 }, 'its checksum does not fit'],
      ['the header is there twice', (all) => all.splice(1, 0, all[0]!), { line: 2, seq: 1 }, 'it is not a fact'],
      [
        'a fact was rewritten',
        (all) => all.splice(30, 1, all[30]!.replace('fact', 'lies')),
        { line: 31, seq: 30 },
        'its checksum does not fit',
      ],
      [
        'the last line, which is whole, was rewritten',
        (all) => all.splice(60, 1, all[60]!.replace('fact', 'lies')),
        { line: 61, seq: 60 },
        'its checksum does not fit',
      ],
      [
        'something else is sealed like a fact',
        (all) => all.splice(30, 1, sealed('{"type":"x","meta":5}')),
        { line: 31, seq: 30 },
        'it is not a fact',
      ],
      [
        'a fact is of no stream',
        (all) => all.splice(30, 1, sealed('{"type":"x","payload":{},"meta":{"seq":30,"at":0,"v":1}}')),
        { line: 31, seq: 30 },
        'it is not a fact',
      ],
      [
        'lines end as on Windows',
        (all) => all.splice(0, 61, ...all.map((line) => `${line}\r`)),
        { line: 1, offset: 0 },
        'the first line of the file is not as it was written',
      ],
    ]

  it.each(edits)('is refused when %s, and says where [JSONL-7]', async (_, edit, position, reason) => {
    const edited = [...lines]
    edit(edited)
    writeFileSync(place.path, `${edited.join('\n')}\n`)
    for (const readOnly of [false, true]) {
      expect(await rejection(openJsonlLog(place.path, { readOnly }))).toMatchObject({
        code: 'log_corrupt',
        position,
        reason,
      })
    }
  })

  it('names the byte at which the damaged line begins [JSONL-7]', async () => {
    const start = Buffer.byteLength(lines.slice(0, 42).join('\n')) + 1
    expect(await findDamage(flipped(whole, (start + 20) * 8))).toMatchObject({
      position: { seq: 42, line: 43, offset: start },
    })
  })

  it('is found to be damaged by reading, when that happened while it was open [JSONL-8]', async () => {
    writeFileSync(place.path, whole)
    const log = await openJsonlLog(place.path)
    const start = Buffer.byteLength(lines.slice(0, 42).join('\n')) + 1
    writeFileSync(place.path, flipped(whole, (start + 20) * 8))
    for (const options of [{}, { from: 50 }, { stream: 'odd' }, { stream: 'even', from: 29 }]) {
      expect(await rejection(readAll(log, options))).toMatchObject({ code: 'log_corrupt', position: { seq: 42 } })
    }
    writeFileSync(place.path, whole.subarray(0, start + 20))
    expect(await rejection(readAll(log))).toMatchObject({
      code: 'log_corrupt',
      position: { seq: 42, offset: start },
      reason: 'the file ends before it',
    })
    await log.close()
  })
})
