import { LogCorruptError } from '../../slices/logErrors.js'
import { StreamHeads } from '../log/streamHeads.js'
import { checksum } from './blocks.js'
import type { LogDatabase, StreamHead } from './stores.js'
import { readTransaction } from './transactions.js'

/**
 * How many facts a database and its streams hold.
 *
 * @throws {LogCorruptError} The streams are not as they were written, or have not as many facts as there are.
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
  for (const kept of streams) {
    if (kept.checksum !== streamHead(kept.stream, kept.version).checksum) {
      throw new LogCorruptError({}, 'the length of a stream is not what was written')
    }
    heads.add(kept.stream, kept.version)
  }
  assertCounted(head, heads.of())
  return heads
}

export function streamHead(stream: string, version: number): StreamHead {
  return { stream, version, checksum: checksum([stream, version]) }
}

function assertCounted(head: number, known: number): void {
  if (head < known) throw new LogCorruptError({ seq: head + 1 }, `facts ${head + 1} to ${known} are missing`)
  if (head > known) throw new LogCorruptError({ seq: head }, 'its streams do not have as many facts as there are')
}
