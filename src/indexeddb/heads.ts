import { LogCorruptError } from '../../slices/logErrors.js'
import { StreamHeads } from '../log/streamHeads.js'
import type { LogDatabase } from './stores.js'
import { readTransaction } from './transactions.js'

/**
 * How many facts a database and its streams hold.
 *
 * @throws {LogCorruptError} There are not as many facts as the streams have together.
 */
export async function readHeads(database: LogDatabase): Promise<StreamHeads> {
  const { head, streams } = await readTransaction(database, ['blocks', 'streams'], async (transaction) => {
    const [block, streams] = await Promise.all([
      transaction.objectStore('blocks').openCursor(null, 'prev'),
      transaction.objectStore('streams').getAll(),
    ])
    return { head: block?.value.last ?? 0, streams }
  })
  const heads = new StreamHeads()
  for (const { stream, version } of streams) heads.add(stream, version)
  assertCounted(head, heads.of())
  return heads
}

function assertCounted(head: number, known: number): void {
  if (head < known) throw new LogCorruptError({ seq: head + 1 }, `facts ${head + 1} to ${known} are missing`)
  if (head > known) throw new LogCorruptError({ seq: head }, 'its streams do not have as many facts as there are')
}
