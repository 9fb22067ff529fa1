/** What a readable state tells of a session. */
export function sessionIn(state: Readonly<Record<string, unknown>>, sessionId: string): object | undefined {
  const sessions = state['sessions']
  if (typeof sessions !== 'object' || sessions === null || !Object.hasOwn(sessions, sessionId)) return undefined
  const session = (sessions as Readonly<Record<string, unknown>>)[sessionId]
  return typeof session === 'object' && session !== null ? session : undefined
}
