import { listThreads, type SessionEntry } from '../../model/index.js'
import { useMemo } from 'react'
import { useLogs, type LoadedLog } from '../data/logs.js'
import { useView } from '../store/store.js'
import { parsePart, type Part } from './part.js'

/** The two parts that are compared: what was chosen, else both logs, else two threads or two sessions of the one. */
export function useParts(): { readonly a: Part; readonly b: Part } {
  const logs = useLogs()
  const { compared } = useView()
  const usual = useMemo(() => usualParts(logs), [logs])
  return useMemo(
    () => ({
      a: (compared.a === null ? null : parsePart(compared.a)) ?? usual[0],
      b: (compared.b === null ? null : parsePart(compared.b)) ?? usual[1],
    }),
    [compared, usual],
  )
}

function usualParts([first, second]: readonly LoadedLog[]): readonly [Part, Part] {
  if (second) return [all(0), all(1)]
  const sessions = first?.run.sessions ?? []
  const [threadA, threadB] = listThreads(sessions)
  if (threadA && threadB) return [partOf('thread', threadA.threadId), partOf('thread', threadB.threadId)]
  const [sessionA, sessionB] = sessionsOfOneRole(sessions)
  if (sessionA && sessionB) return [partOf('session', sessionA.sessionId), partOf('session', sessionB.sessionId)]
  return [all(0), all(0)]
}

/** The first two that can be compared well. */
function sessionsOfOneRole(sessions: readonly SessionEntry[]): readonly SessionEntry[] {
  const first = new Map<string, SessionEntry>()
  for (const session of sessions) {
    const before = first.get(session.role)
    if (before) return [before, session]
    first.set(session.role, session)
  }
  return sessions
}

function all(log: number): Part {
  return { log, kind: 'all', id: '' }
}

function partOf(kind: 'thread' | 'session', id: string): Part {
  return { log: 0, kind, id }
}
