import type { Fact } from './fact.js'
import { sessionOpened, turnKept, type FactPayload, type SessionId, type TurnId } from './facts.js'
import { deleteEntry, emptyHashTable, getEntry, setEntry, type HashTable } from './rules/hashTable.js'
import type { Json } from './rules/json.js'
import type { PriceId } from './rules/prices.js'
import { deleteRow, emptyTable, getRow, rows, setRow, type Table } from './rules/table.js'
import type { UsageSnapshot } from './rules/tokens.js'
import { combineSlices, defineSlice, type Mutable } from './slice.js'
import { tools, type Tools } from './tools.js'
import { turns, type Turns } from './turns.js'
import { usage, type Usage } from './usage.js'

/** What the sessions of a scope did together, those that were evicted included. */
export interface Scope {
  readonly turns: Turns
  readonly tools: Tools
  readonly usage: Usage
}

/** What the sessions of one thread did together, and what its idempotency keys answer with. */
export interface Thread extends Scope {
  readonly kept: HashTable<KeptTurn>
  /** Threads are forgotten in this order. */
  readonly position: number
}

/** A turn that its idempotency key answers with from now on. */
export interface KeptTurn {
  readonly sessionId: SessionId
  readonly turnId: TurnId
  /** Of the model and the input. */
  readonly fingerprint: string
  readonly model: string | null
  readonly price: PriceId
  readonly usage: UsageSnapshot
  readonly result: Json
}

export interface Scopes {
  readonly runtime: Scope
  /** By project id. Sessions without a project are in none. */
  readonly projects: Table<Scope>
  readonly threads: Threads
}

interface Threads {
  readonly byId: HashTable<Thread>
  /** Thread ids, by position. The next one to be opened gets `next`. */
  readonly order: { readonly next: number; readonly ids: Table<string> }
}

const scope = combineSlices<Scope, Scope>({ turns, tools, usage }, ({ turns, tools, usage }) => ({
  turns,
  tools,
  usage,
}))

const kept = defineSlice<HashTable<KeptTurn>>(emptyHashTable, (on) => {
  on(turnKept, (state, { payload: { key, ...turn } }) => setEntry(state, key, turn))
})

const thread = combineSlices<Scope & Pick<Thread, 'kept'>, Thread>({ turns, tools, usage, kept }, copyThread)

export const emptyScope: Scope = scope.initial

export const emptyScopes: Scopes = {
  runtime: emptyScope,
  projects: emptyTable,
  threads: { byId: emptyHashTable, order: { next: 0, ids: emptyTable } },
}

interface Member {
  readonly projectId: number | null
  readonly threadId: string | null
}

/** The scopes of a session after one of its facts. */
export function addToScopes(scopes: Scopes, { projectId, threadId }: Member, fact: Fact): Scopes {
  const answer = scope.answers.get(fact.type)
  if (!answer) return turnKept.match(fact) && threadId !== null ? withKept(scopes, threadId, fact) : scopes
  const { runtime, projects, threads } = scopes
  return {
    runtime: answer(runtime, fact as Fact<never>),
    projects:
      projectId === null
        ? projects
        : setRow(projects, projectId, answer(getRow(projects, projectId) ?? emptyScope, fact as Fact<never>)),
    threads: threadId === null ? threads : addToThread(threads, threadId, fact),
  }
}

function withKept(scopes: Scopes, threadId: string, fact: Fact): Scopes {
  return { ...scopes, threads: addToThread(scopes.threads, threadId, fact) }
}

/** A new session makes its thread the last one to be forgotten. */
export function touchThread(scopes: Scopes, { payload }: Fact<FactPayload<typeof sessionOpened>>): Scopes {
  const { threadId } = payload
  if (threadId === null) return scopes
  const { byId, order } = scopes.threads
  const known = getEntry(byId, threadId)
  const position = order.next
  const ids = setRow(known ? deleteRow(order.ids, known.position) : order.ids, position, threadId)
  const touched: Thread = { ...(known ?? thread.initial), position }
  return { ...scopes, threads: { byId: setEntry(byId, threadId, touched), order: { next: position + 1, ids } } }
}

export function forgetThreads(scopes: Scopes, threadIds: readonly string[]): Scopes {
  let { byId, order } = scopes.threads
  for (const threadId of threadIds) {
    const known = getEntry(byId, threadId)
    if (!known) continue
    byId = deleteEntry(byId, threadId)
    order = { next: order.next, ids: deleteRow(order.ids, known.position) }
  }
  return { ...scopes, threads: { byId, order } }
}

function addToThread(threads: Threads, threadId: string, fact: Fact): Threads {
  const before = getEntry(threads.byId, threadId)
  const after = before && thread.answers.get(fact.type)?.(before, fact as Fact<never>)
  if (!after || after === before) return threads
  return { byId: setEntry(threads.byId, threadId, after), order: threads.order }
}

function copyThread({ turns, tools, usage, kept, position }: Thread): Mutable<Thread> {
  return { turns, tools, usage, kept, position }
}

// --- selectors -----------------------------------------------------------------------------------------------------------------

type WithScopes = { readonly sessions: { readonly scopes: Scopes } }

export function selectThread({ sessions }: WithScopes, threadId: string): Thread | undefined {
  return getEntry(sessions.scopes.threads.byId, threadId)
}

/** `undefined`: no session of this project has done anything. */
export function selectProject({ sessions }: WithScopes, projectId: number): Scope | undefined {
  return getRow(sessions.scopes.projects, projectId)
}

/** The threads that are more than `retained`, those first whose last session was opened longest ago. */
export function selectEvictableThreads({ sessions }: WithScopes, retained: number): readonly string[] {
  const { byId, order } = sessions.scopes.threads
  const evictable: string[] = []
  let excess = byId.size - retained
  if (excess <= 0) return evictable
  for (const threadId of rows(order.ids)) {
    if (excess-- <= 0) break
    evictable.push(threadId)
  }
  return evictable
}
