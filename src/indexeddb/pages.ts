import type { Fact } from '../../slices/fact.js'
import { missingFact } from '../log/missingFact.js'
import { decodeFact } from './factRecords.js'
import type { FactRecord, LogDatabase } from './stores.js'
import { databaseError, readTransaction } from './transactions.js'

const PAGE_RECORDS = 256

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
    const records = await readPage(open(), { stream, after: position, until })
    for (const record of records) {
      position += 1
      if ((stream === undefined ? record.seq : record.version) !== position) throw missingFact(stream, position)
      yield decodeFact(record)
    }
    if (records.length === 0) throw missingFact(stream, position + 1)
  }
}

async function readPage(database: LogDatabase, { stream, after, until }: Range): Promise<FactRecord[]> {
  const last = Math.min(until, after + PAGE_RECORDS)
  try {
    return await readTransaction(database, ['facts'], (transaction) => {
      const facts = transaction.objectStore('facts')
      if (stream === undefined) return facts.getAll(IDBKeyRange.bound(after + 1, last))
      return facts.index('byStream').getAll(IDBKeyRange.bound([stream, after + 1], [stream, last]))
    })
  } catch (error) {
    throw databaseError(error)
  }
}
