import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Fact } from '../../../src/index.js'
import type { Block } from '../../../src/indexeddb/stores.js'
import { appendTo, readAll } from '../../log/facts.js'
import { rejection } from '../../support/runtime.js'
import { Place } from './place.js'

const STREAMS = ['a', 'b', 'c']

describe('a damaged IndexedDB log', () => {
  let place: Place
  let facts: Fact[]

  /** Blocks that begin at fact 1, 4, 6, 7, 10, 12, 13 and so on. */
  beforeEach(async () => {
    place = new Place()
    facts = []
    const log = await place.open()
    for (let commit = 0; commit < 12; commit += 1) {
      facts.push(...appendTo(log, ...STREAMS.slice(commit % STREAMS.length)))
      await log.flush()
    }
    await log.close()
  })
  afterEach(() => place.remove())

  function changeBlock(seq: number, change: (block: Block) => Partial<Block>): Promise<void> {
    return place.change(async (database) => {
      const block = (await database.get('blocks', seq)) as Block
      await database.put('blocks', { ...block, ...change(block) })
    })
  }

  /** The facts that are found, in the log and by stream, or the code of the error. */
  async function find(): Promise<Fact[] | string> {
    try {
      const log = await place.openReadOnly()
      const found = await readAll(log)
      for (const stream of STREAMS) {
        const ofStream = found.filter(({ meta }) => meta.stream === stream)
        expect(log.head(stream)).toBe(ofStream.length)
        expect(await readAll(log, { stream })).toEqual(ofStream)
      }
      await log.close()
      return found
    } catch (error) {
      return (error as { code?: string }).code ?? String(error)
    }
  }

  it.each<[string, (block: Block) => Partial<Block>]>([
    ['last', ({ last }) => ({ last: last + 1 })],
    ['streams', () => ({ streams: [['other', 1]] })],
    ['facts', ({ facts }) => ({ facts: facts.replace('session-7', 'session-8') })],
    ['checksum', ({ checksum }) => ({ checksum: checksum.replace(/.$/, (digit) => (digit === '0' ? '1' : '0')) })],
    ['everything', () => ({ facts: undefined, checksum: undefined }) as never],
  ])('names the first of the facts whose %s was changed [IDB-8]', async (_, change) => {
    await changeBlock(7, change)
    const log = await place.open()
    expect(await rejection(readAll(log))).toMatchObject({ code: 'log_corrupt', position: { seq: 7 } })
    await log.close()
  })

  it('names a fact that is missing, in the log and in its stream [IDB-9]', async () => {
    await place.change((database) => database.delete('blocks', 6))
    const log = await place.open()
    expect(await rejection(readAll(log))).toMatchObject({ code: 'log_corrupt', position: { seq: 6 } })
    expect(await rejection(readAll(log, { stream: 'c' }))).toMatchObject({ code: 'log_corrupt' })
    expect(await readAll(log, { from: 6 })).toEqual(facts.slice(6))
    await log.close()
  })

  it('misses facts that were at its end [IDB-9]', async () => {
    await place.change((database) => database.delete('blocks', facts.length))
    expect(await rejection(place.open())).toMatchObject({ code: 'log_corrupt', position: { seq: facts.length } })
  })

  it('misses the length of a stream [IDB-9]', async () => {
    await place.change((database) => database.delete('streams', 'b'))
    expect(await rejection(place.open())).toMatchObject({ code: 'log_corrupt' })
  })

  it('is found with any value of it changed, and any record gone [IDB-8, IDB-9]', async () => {
    const undamaged = { blocks: await recordsOf('blocks'), streams: await recordsOf('streams') }
    const damage = fc.record({ store: fc.constantFrom('blocks', 'streams'), at: fc.nat(), value: fc.option(fc.nat()) })
    await fc.assert(
      fc.asyncProperty(damage, async ({ store, at, value }) => {
        const records = undamaged[store].toSpliced(at % undamaged[store].length, 1)
        const record = undamaged[store][at % undamaged[store].length]!
        await write(store, value === null ? records : [...records, changeValue(record, value)])
        expect(await find()).toBe('log_corrupt')
        await write(store, undamaged[store])
      }),
      { numRuns: 100 },
    )
    expect(await find()).toEqual(facts)
  })

  async function recordsOf(store: Store): Promise<object[]> {
    let records: object[] = []
    await place.change(async (database) => (records = (await database.getAll(store)) as object[]))
    return records
  }

  function write(store: Store, records: readonly object[]): Promise<void> {
    return place.change(async (database) => {
      await database.clear(store)
      for (const record of records) await database.put(store, record)
    })
  }
})

type Store = 'blocks' | 'streams'

/** With one of its fields changed: a number is another, of a text one character is. */
function changeValue(record: object, choice: number): object {
  const fields = Object.entries(record) as [string, unknown][]
  const [name, value] = fields[choice % fields.length]!
  return { ...record, [name]: changed(value, Math.floor(choice / fields.length)) }
}

function changed(value: unknown, choice: number): unknown {
  if (typeof value === 'number') return value + 1 + (choice % 9)
  if (value instanceof Array)
    return (value as unknown[]).map((item, index) => (index === choice % value.length ? changed(item, choice) : item))
  const text = String(value)
  const index = choice % text.length
  return `${text.slice(0, index)}${text[index] === 'x' ? 'y' : 'x'}${text.slice(index + 1)}`
}
