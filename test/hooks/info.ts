import type { HookInfo } from '../../src/index.js'

/** What a hook is told about a call of this name. */
export function infoOf(name: string): HookInfo {
  return { sessionId: 'session-1', role: 'writer', phase: 'draft', name }
}
