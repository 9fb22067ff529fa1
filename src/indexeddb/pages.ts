import type { Fact } from '../../slices/fact.js'
import { missingFact } from '../log/missingFact.js'
import { readBlock } from './blocks.js'
import type { Block, LogDatabase } from './stores.js'
import { databaseError, readTransaction } from './transactions.js'

const PAGE_BLOCKS = 256

export interface Range {
  /** Default: the whole log. */
  readonly stream?: string | undefined
  /** How many facts to skip. */
  readonly after: number
  /** The last that counts: a `seq`, or a version of the stream. */
  readonly until: number
}

/**
 * Facts of a database in order, page by page: no transaction is open between them.
 *
 * @param open - Gives the database. Throws when the log was closed meanwhile.
 * @throws {LogCorruptError} A fact is missing, or is not what was written.
 */
export async function* readPages(open: () => LogDatabase, { stream, after, until }: Range): AsyncGenerator<Fact> {
  for (let position = after; position < until;) {
    const before = position
    for (const block of await readPage(open(), stream, position)) {
      for (const fact of factsAfter(position, block, stream)) {
        if (position === until) return
        position += 1
        yield fact
      }
    }
    if (position === before) throw missingFact(stream, position + 1)
  }
}

/** @throws {LogCorruptError} The block does not go on at that position. */
function factsAfter(position: number, block: Block, stream: string | undefined): Fact[] {
  const all = readBlock(block)
  const facts = stream === undefined ? all : all.filter(({ meta }) => meta.stream === stream)
  const last = stream === undefined ? block.last : new Map(block.streams).get(stream)
  const skipped = position - ((last ?? 0) - facts.length)
  if (skipped < 0) throw missingFact(stream, position + 1)
  return facts.slice(skipped)
}

/** Blocks from that on which has the fact after a position. */
async function readPage(database: LogDatabase, stream: string | undefined, position: number): Promise<Block[]> {
  try {
    return await (stream === undefined ? readLog(database, position) : readStream(database, stream, position))
  } catch (error) {
    throw databaseError(error)
  }
}

function readLog(database: LogDatabase, position: number): Promise<Block[]> {
  return readTransaction(database, ['blocks'], async (transaction) => {
    const blocks = transaction.objectStore('blocks')
    const first = await blocks.openKeyCursor(IDBKeyRange.upperBound(position + 1), 'prev')
    return blocks.getAll(IDBKeyRange.lowerBound(first?.primaryKey ?? 0), PAGE_BLOCKS)
  })
}

function readStream(database: LogDatabase, stream: string, position: number): Promise<Block[]> {
  return readTransaction(database, ['blocks'], (transaction) => {
    const range = IDBKeyRange.bound([stream, position + 1], [stream, Infinity])
    return transaction.objectStore('blocks').index('byStream').getAll(range, PAGE_BLOCKS)
  })
}
