import { initialState, replayFact, STATE_VERSION, type RuntimeState } from '../../slices/state.js'
import type { EventLog } from './eventLog.js'

export interface LoadOptions {
  /** The `seq` of the last fact that counts. Default: all do. */
  readonly until?: number | undefined
}

/**
 * The state after the facts of a log: those since its snapshot, if it has one that this version made, or all of them.
 *
 * @throws {LogCorruptError | LogVersionError} As `replay`.
 */
export async function loadState(
  log: Pick<EventLog, 'read' | 'snapshots'>,
  { until = Infinity }: LoadOptions = {},
): Promise<RuntimeState> {
  const { state } = await restoreState(log, until)
  return state
}

/** The same, and how many facts that took. */
export async function restoreState(
  log: Pick<EventLog, 'read' | 'snapshots'>,
  until = Infinity,
): Promise<{ readonly state: RuntimeState; readonly replayed: number }> {
  const snapshot = await log.snapshots?.load()
  const isUsable = snapshot?.stateVersion === STATE_VERSION && snapshot.seq <= until
  let state = isUsable ? snapshot.state : initialState
  const before = state.seq
  for await (const fact of log.read({ from: before })) {
    if (fact.meta.seq > until) break
    state = replayFact(state, fact)
  }
  return { state, replayed: state.seq - before }
}
