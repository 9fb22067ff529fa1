import type { HashTable } from '../../slices/rules/hashTable.js'
import type { PriceList } from '../../slices/rules/prices.js'
import { rows } from '../../slices/rules/table.js'
import type { KeptTurn, Scope, Scopes, Thread } from '../../slices/scopes.js'
import { compact, type Readable } from './compact.js'
import { memo } from './memo.js'
import { readableWork } from './used.js'

export const readableScope = memo((scope: Scope, prices: PriceList): Readable =>
  compact(readableWork(scope, scope.usage, prices)),
)

/** By thread id, in the order in which their latest sessions were opened. */
export const readableThreads = memo((byId: Scopes['threads']['byId'], prices: PriceList): Readable => {
  const threads = [...entries(byId)].sort(([, a], [, b]) => a.position - b.position)
  return Object.fromEntries(threads.map(([id, thread]) => [id, readableThread(thread, prices)]))
})

const readableThread = memo((thread: Thread, prices: PriceList): Readable =>
  compact({
    running: thread.running,
    runs: Object.fromEntries(Object.entries(thread.runs).map(([name, run]) => [name, compact(run)])),
    ...readableWork(thread, thread.usage, prices),
    kept: readableKept(thread.kept),
  }),
)

/** By idempotency key: the turn that answers. */
const readableKept = memo((kept: HashTable<KeptTurn>): Readable =>
  Object.fromEntries([...entries(kept)].map(([key, { sessionId, turnId }]) => [key, `${sessionId} ${turnId}`])),
)

function* entries<Value>({ buckets }: HashTable<Value>): Generator<readonly [string, Value], void, undefined> {
  for (const bucket of rows(buckets)) for (const { name, value } of bucket) yield [name, value]
}
