import type { Asked, Stop, WhatIfSession } from '../../../history/whatIfSession.js'
import { formatCost, formatDifference, plural, words } from '../format.js'
import type { Column } from '../grid/column.js'

export const OUTCOME_COLUMNS: readonly Column<WhatIfSession>[] = [
  {
    id: 'session',
    title: 'Session',
    width: '100px',
    sortBy: ({ sessionId }) => sessionId,
    cell: ({ sessionId }) => sessionId,
  },
  {
    id: 'role',
    title: 'Role',
    width: '100px',
    sortBy: ({ role }) => role,
    cell: ({ role }) => role,
  },
  {
    id: 'thread',
    title: 'Thread',
    width: '140px',
    sortBy: ({ threadId }) => threadId ?? '',
    cell: ({ threadId }) => threadId ?? '–',
  },
  {
    id: 'recorded',
    title: 'Recorded',
    width: '80px',
    isNumber: true,
    sortBy: ({ costUsd }) => costUsd.recorded,
    cell: ({ costUsd }) => formatCost(costUsd.recorded),
  },
  {
    id: 'changed',
    title: 'Changed',
    width: '80px',
    isNumber: true,
    sortBy: ({ costUsd }) => costUsd.changed,
    cell: ({ costUsd }) => formatCost(costUsd.changed),
  },
  {
    id: 'difference',
    title: 'Difference',
    width: '84px',
    isNumber: true,
    sortBy: ({ costUsd }) => costUsd.changed - costUsd.recorded,
    cell: ({ costUsd }) => formatDifference(Number((costUsd.changed - costUsd.recorded).toFixed(12))),
  },
  {
    id: 'otherwise',
    title: 'Otherwise',
    width: 'minmax(0, 1fr)',
    sortBy: (session) => otherwise(session).join(', '),
    cell: (session) => <span title={otherwise(session).join('\n')}>{otherwise(session).join(', ')}</span>,
  },
]

/** What would have happened to a session, in a few words each. */
function otherwise({ stoppedAt, overran, allowed, policies, gates }: WhatIfSession): readonly string[] {
  return [
    ...(overran ? [`over at fact ${overran.seq}`] : []),
    ...(stoppedAt ? [toldStop(stoppedAt)] : []),
    ...(allowed ? [`${asked(allowed)} not refused at fact ${allowed.seq}`] : []),
    ...(policies.length > 0 ? [plural(policies.length, 'other policy evaluation')] : []),
    ...(gates.length > 0 ? [plural(gates.length, 'other gate')] : []),
  ]
}

function toldStop(stop: Stop): string {
  if (stop.what === 'handoff') return `not reached: ${stop.name ?? ''} stopped`
  const limit = stop.limit === null ? '' : ` (${words(stop.limit)})`
  return `stopped before ${asked(stop)} at fact ${stop.seq}: ${words(stop.rule)}${limit}`
}

function asked({ what, name }: Asked): string {
  return what === 'turn' || name === null ? `a ${what}` : `${what} ${name}`
}
