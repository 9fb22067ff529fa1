import { listThreads } from '../../model/index.js'
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
  const [threadA, threadB] = alike(listThreads(sessions), ({ roles }) => roles.join())
  if (threadA && threadB) return [partOf('thread', threadA.threadId), partOf('thread', threadB.threadId)]
  const [sessionA, sessionB] = alike(sessions, ({ role }) => role)
  if (sessionA && sessionB) return [partOf('session', sessionA.sessionId), partOf('session', sessionB.sessionId)]
  return [all(0), all(0)]
}

/** The first that another one is of the same kind as, and that one, because they can be compared best; else the first two. */
function alike<Entry>(entries: readonly Entry[], kindOf: (entry: Entry) => string): readonly Entry[] {
  const seconds = new Map<string, Entry>()
  const kinds = new Set<string>()
  for (const entry of entries) {
    const kind = kindOf(entry)
    if (kinds.has(kind) && !seconds.has(kind)) seconds.set(kind, entry)
    kinds.add(kind)
  }
  const first = entries.find((entry) => seconds.has(kindOf(entry)))
  const second = first && seconds.get(kindOf(first))
  return first && second ? [first, second] : entries
}

function all(log: number): Part {
  return { log, kind: 'all', id: '' }
}

function partOf(kind: 'thread' | 'session', id: string): Part {
  return { log: 0, kind, id }
}
