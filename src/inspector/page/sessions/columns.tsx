import type { SessionEntry, ThreadEntry } from '../../model/index.js'
import { formatCost, formatCount } from '../format.js'
import type { Column } from '../grid/column.js'
import { StatusBadge } from '../parts/StatusBadge.js'
import { Cost } from './Cost.js'

export const SESSION_COLUMNS: readonly Column<SessionEntry>[] = [
  {
    id: 'status',
    title: 'Status',
    width: '42px',
    sortBy: ({ status }) => status,
    cell: ({ status }) => <StatusBadge status={status} iconOnly />,
  },
  {
    id: 'session',
    title: 'Session',
    width: 'minmax(0, 1fr)',
    sortBy: ({ sessionId }) => sessionId,
    cell: ({ sessionId, role }) => (
      <span title={`${sessionId}, ${role}`}>
        {sessionId} <span className="faint">{role}</span>
      </span>
    ),
  },
  {
    id: 'turns',
    title: 'Turns',
    width: '36px',
    isNumber: true,
    sortBy: ({ turns }) => turns,
    cell: ({ turns }) => formatCount(turns),
  },
  {
    id: 'cost',
    title: 'Cost',
    width: '54px',
    isNumber: true,
    sortBy: ({ costUsd }) => costUsd,
    cell: (entry) => <Cost {...entry} />,
  },
]

export const THREAD_COLUMNS: readonly Column<ThreadEntry>[] = [
  {
    id: 'status',
    title: 'Status',
    width: '42px',
    sortBy: ({ status }) => status,
    cell: ({ status }) => <StatusBadge status={status} iconOnly />,
  },
  {
    id: 'thread',
    title: 'Thread',
    width: 'minmax(0, 1fr)',
    sortBy: ({ threadId }) => threadId,
    cell: ({ threadId }) => <span title={threadId}>{threadId}</span>,
  },
  {
    id: 'sessions',
    title: 'Runs',
    width: '36px',
    isNumber: true,
    sortBy: ({ sessionIds }) => sessionIds.length,
    cell: ({ sessionIds }) => formatCount(sessionIds.length),
  },
  {
    id: 'cost',
    title: 'Cost',
    width: '54px',
    isNumber: true,
    sortBy: ({ costUsd }) => costUsd,
    cell: (entry) => <Cost {...entry} />,
  },
]

export function totalCost(entries: readonly { readonly costUsd: number }[]): string {
  return formatCost(entries.reduce((sum, { costUsd }) => sum + costUsd, 0))
}
