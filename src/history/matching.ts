import type { SessionRun } from './run.js'

/** What is compared with what. At least one side has something. */
export type Match<Item> = { readonly a: Item | undefined; readonly b: Item | undefined }

/**
 * Which session of one run is which of the other: in the same thread by role and order, then by the thread, then by the role. In
 * the order of `a`, those that only `b` has at the end.
 *
 * @param isOneThread - Each side is the sessions of one thread, whatever it is called. Any of them may be matched then.
 */
export function matchSessions(
  a: readonly SessionRun[],
  b: readonly SessionRun[],
  isOneThread: boolean,
): Match<SessionRun>[] {
  const ways = isOneThread ? [byRole, byOrder] : [byThreadAndRole, byThread, byRole]
  const partners = new Map<SessionRun, SessionRun>()
  let [leftA, leftB] = [a, b]
  for (const way of ways) {
    for (const [one, other] of zip(leftA, leftB, way)) partners.set(one, other)
    const taken = new Set(partners.values())
    leftA = leftA.filter((session) => !partners.has(session))
    leftB = leftB.filter((session) => !taken.has(session))
  }
  return [
    ...a.map((session) => ({ a: session, b: partners.get(session) })),
    ...leftB.map((session) => ({ a: undefined, b: session })),
  ]
}

/** What sessions must have in common to be matched in their order. `null`: nothing would do. */
type Way = (session: SessionRun) => string | null

const byThreadAndRole: Way = ({ session: { threadId, role } }) => JSON.stringify([threadId, role])
const byThread: Way = ({ session: { threadId } }) => threadId
const byRole: Way = ({ session: { role } }) => role
const byOrder: Way = () => ''

function* zip(
  a: readonly SessionRun[],
  b: readonly SessionRun[],
  way: Way,
): Generator<readonly [SessionRun, SessionRun], void, undefined> {
  const waiting = new Map<string, SessionRun[]>()
  for (const session of [...b].reverse()) {
    const key = way(session)
    if (key !== null) append(waiting, key, session)
  }
  for (const session of a) {
    const key = way(session)
    const partner = key === null ? undefined : waiting.get(key)?.pop()
    if (partner) yield [session, partner]
  }
}

function append<Key, Item>(lists: Map<Key, Item[]>, key: Key, item: Item): void {
  const list = lists.get(key)
  if (list) list.push(item)
  else lists.set(key, [item])
}
