import type { Fact } from '../../../slices/fact.js'
import { orchestratorRegistered } from '../../../slices/facts.js'
import { isPlainObject } from '../../../slices/rules/json.js'
import type { SessionRun } from '../../history/run.js'

/**
 * What the ids stand for that are not those of sessions. Calls are numbered within their session, however that overlapped with
 * others, so they keep their numbers. Orchestrators are what they are for: `writer/draft`.
 */
export function idsThatStay(shared: readonly Fact[], sessions: readonly SessionRun[]): ReadonlyMap<string, string> {
  const kept = new Map<string, string>()
  for (const { facts } of sessions) {
    for (const { payload } of facts) for (const id of callIds(payload)) kept.set(id, id)
  }
  for (const fact of shared) {
    if (!orchestratorRegistered.match(fact)) continue
    const { orchestratorId, config } = fact.payload
    kept.set(orchestratorId, `${config.role}/${config.phase}`)
  }
  return kept
}

const CALL_ID = /^(turn|tool|request|sleep)-\d+$/

/** Also those inside of what was recorded, such as the turn that an answer is of. */
function* callIds(value: unknown): Generator<string, void, undefined> {
  if (typeof value === 'string' && CALL_ID.test(value)) yield value
  if (Array.isArray(value)) for (const item of value) yield* callIds(item)
  if (isPlainObject(value)) for (const item of Object.values(value)) yield* callIds(item)
}
