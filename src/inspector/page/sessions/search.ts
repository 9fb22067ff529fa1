import type { SessionEntry, ThreadEntry } from '../../model/index.js'

/** Whether each word of a search is in what a list tells of a session: its ids, role, phase and status. */
export function isFound(entry: SessionEntry, search: string): boolean {
  const { sessionId, threadId, projectId, role, phase, status } = entry
  return hasWords(search, [sessionId, threadId, projectId, role, phase, status])
}

export function isThreadFound({ threadId, roles, status }: ThreadEntry, search: string): boolean {
  return hasWords(search, [threadId, status, ...roles])
}

function hasWords(search: string, fields: readonly (string | number | null)[]): boolean {
  const text = fields.join(' ').toLowerCase().replaceAll('_', ' ')
  return search
    .toLowerCase()
    .replaceAll('_', ' ')
    .split(/\s+/)
    .every((word) => text.includes(word))
}
