import { useMemo } from 'react'
import { countUntil, type SessionEntry } from '../../model/index.js'
import { useView } from '../store/store.js'
import type { Scope } from '../store/view.js'
import { useRun } from './logs.js'

/** The fact that the slider stands at. 0: before the first one. */
export function useSeq(): number {
  const { head } = useRun()
  return Math.min(useView().seq ?? head, head)
}

/** The session that is looked at. `undefined`: none, or one that the log does not have. */
export function useSession(): SessionEntry | undefined {
  const { sessions } = useRun()
  const { sessionId } = useView()
  return useMemo(() => sessions.find((session) => session.sessionId === sessionId), [sessions, sessionId])
}

/** The facts that the slider stops at. Place 0 is before the first of them. */
export interface Steps {
  readonly scope: Scope
  readonly count: number
  seqAt(place: number): number
  /** Of the last one that is not after a fact. */
  placeOf(seq: number): number
}

export function useSteps(): Steps {
  const { head, histories } = useRun()
  const { scope, sessionId } = useView()
  return useMemo(() => {
    const seqs = histories.get(sessionId ?? '')?.seqs
    return scope === 'session' && seqs ? stepsOver(seqs) : allSteps(head)
  }, [head, histories, scope, sessionId])
}

function allSteps(head: number): Steps {
  return { scope: 'log', count: head, seqAt: (place) => place, placeOf: (seq) => seq }
}

function stepsOver(seqs: readonly number[]): Steps {
  const before = (seqs[0] ?? 1) - 1
  return {
    scope: 'session',
    count: seqs.length,
    seqAt: (place) => (place === 0 ? before : (seqs[place - 1] ?? before)),
    placeOf: (seq) => countUntil(seqs, seq),
  }
}
