import type { Fact } from './fact.js'
import { sessionOpened, sessionReturned, turnKept, type FactPayload, type SessionId, type TurnId } from './facts.js'
import { deleteEntry, emptyHashTable, getEntry, setEntry, type HashTable } from './rules/hashTable.js'
import type { AnswerOutcome } from './rules/answers.js'
import type { Json } from './rules/json.js'
import { own } from './rules/own.js'
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
  /** Its sessions that have a function: the latest of each name. */
  readonly runs: Readonly<Record<string, Run>>
  /** Sessions that were opened and have not ended. */
  readonly running: number
  /** Threads are forgotten in this order: by when their latest session was opened. */
  readonly position: number
}

/** A session that has a function, and what that returned. */
interface Run {
  readonly sessionId: SessionId
  /** `null`: it has not returned. */
  readonly returned: AnswerOutcome | null
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
  /** The thread of the session that is opened next gets this one. */
  readonly nextPosition: number
  /** The ids of those in which no session runs, by position. The others are not forgotten. */
  readonly atRest: { readonly size: number; readonly ids: Table<string> }
  /** How many were forgotten, as often as they were. */
  readonly forgotten: number
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
  threads: { byId: emptyHashTable, nextPosition: 0, atRest: { size: 0, ids: emptyTable }, forgotten: 0 },
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
  if (fact.meta.origin !== undefined) {
    return threadId === null ? scopes : { runtime, projects, threads: addToThread(threads, threadId, fact) }
  }
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
  const { sessionId, threadId, run } = payload
  if (threadId === null) return scopes
  const { byId, nextPosition: position, atRest, forgotten } = scopes.threads
  const known = getEntry(byId, threadId)
  const before: Thread = known ?? { ...thread.initial, runs: {}, running: 0, position }
  const runs = run === null ? before.runs : { ...before.runs, [run]: { sessionId, returned: null } }
  const touched: Thread = { ...before, runs, running: before.running + 1, position }
  const threads: Threads = {
    byId: setEntry(byId, threadId, touched),
    nextPosition: position + 1,
    atRest: known?.running === 0 ? withoutId(atRest, known) : atRest,
    forgotten,
  }
  return { ...scopes, threads }
}

/** A session has ended. The last one that does puts its thread to rest. */
export function leaveThread(scopes: Scopes, threadId: string | null): Scopes {
  const left = threadId === null ? undefined : getEntry(scopes.threads.byId, threadId)
  if (threadId === null || !left) return scopes
  const { byId, nextPosition, atRest, forgotten } = scopes.threads
  const running = left.running - 1
  const threads: Threads = {
    byId: setEntry(byId, threadId, { ...left, running }),
    nextPosition,
    atRest: running > 0 ? atRest : { size: atRest.size + 1, ids: setRow(atRest.ids, left.position, threadId) },
    forgotten,
  }
  return { ...scopes, threads }
}

/** A thread that was forgotten meanwhile is not made anew for it, and one whose function began anew meanwhile keeps the later one. */
export function keepReturned(scopes: Scopes, { payload }: Fact<FactPayload<typeof sessionReturned>>): Scopes {
  const { sessionId, threadId, run, outcome: returned } = payload
  const { byId, nextPosition, atRest, forgotten } = scopes.threads
  const known = getEntry(byId, threadId)
  const latest = known && own(known.runs, run)
  if (!known || (latest && latest.sessionId !== sessionId)) return scopes
  const runs = { ...known.runs, [run]: { sessionId, returned } }
  return { ...scopes, threads: { byId: setEntry(byId, threadId, { ...known, runs }), nextPosition, atRest, forgotten } }
}

export function forgetThreads(scopes: Scopes, threadIds: readonly string[]): Scopes {
  let { byId, atRest, forgotten } = scopes.threads
  for (const threadId of threadIds) {
    const known = getEntry(byId, threadId)
    if (known?.running !== 0) continue
    byId = deleteEntry(byId, threadId)
    atRest = withoutId(atRest, known)
    forgotten += 1
  }
  return { ...scopes, threads: { byId, nextPosition: scopes.threads.nextPosition, atRest, forgotten } }
}

function withoutId({ size, ids }: Threads['atRest'], { position }: Thread): Threads['atRest'] {
  return { size: size - 1, ids: deleteRow(ids, position) }
}

function addToThread(threads: Threads, threadId: string, fact: Fact): Threads {
  const before = getEntry(threads.byId, threadId)
  const after = before && thread.answers.get(fact.type)?.(before, fact as Fact<never>)
  if (!after || after === before) return threads
  const { byId, nextPosition, atRest, forgotten } = threads
  return { byId: setEntry(byId, threadId, after), nextPosition, atRest, forgotten }
}

function copyThread({ turns, tools, usage, kept, runs, running, position }: Thread): Mutable<Thread> {
  return { turns, tools, usage, kept, runs, running, position }
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

/** The threads at rest that are more than `retained`, those first whose latest session was opened longest ago. */
export function selectEvictableThreads({ sessions }: WithScopes, retained: number): readonly string[] {
  const { size, ids } = sessions.scopes.threads.atRest
  const evictable: string[] = []
  if (size <= retained) return evictable
  for (const threadId of rows(ids)) {
    evictable.push(threadId)
    if (evictable.length === size - retained) break
  }
  return evictable
}

/** Whether it may be that a thread was forgotten. */
export function mayBeForgotten({ sessions }: WithScopes, threadId: string): boolean {
  const { byId, forgotten } = sessions.scopes.threads
  return forgotten > 0 && !getEntry(byId, threadId)
}
