import type { SessionId } from '../../../slices/facts.js'
import { numberOf } from '../../../slices/rules/ids.js'
import type { RuntimeState } from '../../../slices/state.js'
import { summarizeUsage } from '../../../slices/usage.js'
import { statusOf, type SessionStatus } from '../../history/run.js'
import { byThread, together } from '../../transcript/threads.js'
import type { SessionHistory } from './sessionHistory.js'
import { whyOf } from './why.js'

/** One session, as a list says it. Its cost is what its own calls cost. */
export interface SessionEntry {
  readonly sessionId: SessionId
  readonly threadId: string | null
  readonly projectId: number | null
  readonly role: string
  readonly phase: string
  readonly status: SessionStatus
  /** Why it has ended, or what it waits for. `null`: nobody said. */
  readonly why: string | null
  /** Turns that were started. */
  readonly turns: number
  /** Tool calls that were started. */
  readonly tools: number
  /** Tokens, those of caches included. */
  readonly inputTokens: number
  readonly outputTokens: number
  /** US dollars. */
  readonly costUsd: number
  /** Models that used tokens while no price was known for them. The cost does not cover them. */
  readonly unpricedModels: readonly string[]
  /** US dollars. `null`: none. */
  readonly budgetUsd: number | null
  /** Unix ms. */
  readonly firstAt: number
  /** Unix ms. */
  readonly lastAt: number
  /** From its first fact to its last one. */
  readonly durationMs: number
  readonly facts: number
  readonly firstSeq: number
  readonly lastSeq: number
  /** The session that passed its work on to it. */
  readonly from: SessionId | null
  /** The session that it passed its work on to. */
  readonly to: SessionId | null
}

/** What the sessions of one thread did together. */
export interface ThreadEntry {
  readonly threadId: string
  /** In the order of their registration. */
  readonly sessionIds: readonly SessionId[]
  readonly roles: readonly string[]
  /** How its last session stands. */
  readonly status: SessionStatus
  readonly why: string | null
  /** Sessions that have not ended. */
  readonly unfinished: number
  readonly turns: number
  readonly tools: number
  readonly inputTokens: number
  readonly outputTokens: number
  /** US dollars. */
  readonly costUsd: number
  readonly unpricedModels: readonly string[]
  /** Unix ms. */
  readonly firstAt: number
  /** Unix ms. */
  readonly lastAt: number
  readonly durationMs: number
  readonly firstSeq: number
  readonly lastSeq: number
}

export function listSessions(
  histories: ReadonlyMap<SessionId, SessionHistory>,
  state: RuntimeState,
): readonly SessionEntry[] {
  const entries = [...histories.values()].flatMap((history) => {
    const entry = entryOf(history, state)
    return entry ? [entry] : []
  })
  return entries.sort((a, b) => numberOf(a.sessionId) - numberOf(b.sessionId))
}

function entryOf(history: SessionHistory, { pricing }: RuntimeState): SessionEntry | undefined {
  const { sessionId, session, seqs, firstAt, lastAt, paid, from, to } = history
  if (!session) return undefined
  const { threadId, projectId, role, phase, turns, tools } = session
  const { inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens, costUsd, unpricedModels } = summarizeUsage(
    paid,
    pricing,
  )
  return {
    ...{ sessionId, threadId, projectId, role, phase },
    status: statusOf(session),
    why: whyOf(session, history.failureClass),
    turns: turns.started,
    tools: tools.started,
    inputTokens: inputTokens + cacheReadTokens + cacheWriteTokens,
    ...{ outputTokens, costUsd, unpricedModels },
    budgetUsd: history.budget.at(-1)?.budgetUsd ?? null,
    ...{ firstAt, lastAt, durationMs: lastAt - firstAt },
    facts: seqs.length,
    firstSeq: seqs[0] ?? 0,
    lastSeq: seqs.at(-1) ?? 0,
    ...{ from, to },
  }
}

/** The threads of these sessions, in the order in which they began. */
export function listThreads(sessions: readonly SessionEntry[]): readonly ThreadEntry[] {
  return [...byThread(sessions)].map(([threadId, members]) => threadOf(threadId, members))
}

function threadOf(threadId: string, members: readonly SessionEntry[]): ThreadEntry {
  const sum = (field: 'inputTokens' | 'outputTokens') => members.reduce((total, member) => total + member[field], 0)
  const last = members.at(-1)
  const all = together(members)
  return {
    threadId,
    sessionIds: members.map(({ sessionId }) => sessionId),
    roles: [...new Set(members.map(({ role }) => role))],
    status: last?.status ?? 'idle',
    why: last?.why ?? null,
    ...all,
    inputTokens: sum('inputTokens'),
    outputTokens: sum('outputTokens'),
    durationMs: all.lastAt - all.firstAt,
    firstSeq: members.reduce((first, { firstSeq }) => Math.min(first, firstSeq), Infinity),
    lastSeq: members.reduce((latest, { lastSeq }) => Math.max(latest, lastSeq), -Infinity),
  }
}
