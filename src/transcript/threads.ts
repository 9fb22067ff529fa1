import { isTerminal } from '../../slices/rules/lifecycle.js'
import { roundUsd } from '../../slices/rules/prices.js'
import type { SessionStatus } from '../history/run.js'

/** What is added up of the sessions of a thread. */
interface Member {
  readonly threadId: string | null
  readonly status: SessionStatus
  readonly turns: number
  readonly tools: number
  readonly costUsd: number
  readonly unpricedModels: readonly string[]
  readonly firstAt: number
  readonly lastAt: number
}

/** Sessions by their thread, in the order in which the threads began. */
export function byThread<Session extends Member>(
  sessions: readonly Session[],
): ReadonlyMap<string, readonly Session[]> {
  const threads = new Map<string, Session[]>()
  for (const session of sessions) {
    if (session.threadId === null) continue
    const members = threads.get(session.threadId)
    if (members) members.push(session)
    else threads.set(session.threadId, [session])
  }
  return threads
}

/** What sessions did together. */
export function together(sessions: readonly Member[]) {
  const sum = (field: 'turns' | 'tools' | 'costUsd') => sessions.reduce((total, session) => total + session[field], 0)
  return {
    unfinished: sessions.filter(({ status }) => status === 'parked' || !isTerminal(status)).length,
    turns: sum('turns'),
    tools: sum('tools'),
    costUsd: roundUsd(sum('costUsd')),
    unpricedModels: [...new Set(sessions.flatMap(({ unpricedModels }) => unpricedModels))],
    firstAt: sessions.reduce((first, { firstAt }) => Math.min(first, firstAt), Infinity),
    lastAt: sessions.reduce((last, { lastAt }) => Math.max(last, lastAt), -Infinity),
  }
}
