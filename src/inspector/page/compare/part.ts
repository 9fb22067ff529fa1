import type { DiffOptions } from '../../../history/diff.js'

/** Part of one of the logs. */
export interface Part {
  readonly log: number
  readonly kind: 'all' | 'thread' | 'session'
  /** Of the thread, or the session. */
  readonly id: string
}

/** `0`, `1:thread:essay`, `0:session:session-3` */
export function formatPart({ log, kind, id }: Part): string {
  return kind === 'all' ? String(log) : `${log}:${kind}:${id}`
}

/** `null`: it is none. */
export function parsePart(text: string): Part | null {
  const [, log, kind = 'all', id = ''] = /^([01])(?::(thread|session):(.*))?$/s.exec(text) ?? []
  return log === undefined ? null : { log: Number(log), kind: kind as Part['kind'], id }
}

/** What of its log is compared. */
export function selectionOf({ kind, id }: Part): NonNullable<DiffOptions['a']> {
  if (kind === 'thread') return { threadId: id }
  return kind === 'session' ? { sessionId: id } : {}
}
