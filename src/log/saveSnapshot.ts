import type { Context } from '../../sagas/context.js'
import { describeError } from '../../slices/rules/errors.js'
import { STATE_VERSION, type RuntimeState } from '../../slices/state.js'
import type { EventLog } from './eventLog.js'

/** Only a cache: a log without it is read in full. */
export async function saveSnapshot({ snapshots }: EventLog, state: RuntimeState, warn: Context['warn']): Promise<void> {
  try {
    await snapshots?.save({ seq: state.seq, stateVersion: STATE_VERSION, state })
  } catch (error) {
    warn({ code: 'snapshot_not_kept', message: `no snapshot was kept: ${describeError(error).name}`, error })
  }
}
