import type { JsonObject } from './json.js'

/** Work passed from one role to another. It is known by the worker that was registered for it. */
export interface Handoff {
  readonly sourceSessionId: string
  /** The session that will pick it up has this id already. */
  readonly targetSessionId: string
  readonly sourceRole: string
  readonly targetRole: string
  readonly phase: string
  readonly projectId: number | null
  readonly reason: string
  readonly context: JsonObject
  /** Unix ms. */
  readonly createdAt: number
}
