import { runSaga, stdChannel } from 'redux-saga'
import { RunningCalls } from '../sagas/calls.js'
import type { Context } from '../sagas/context.js'
import { settleInterrupted } from '../sagas/interruptions.js'
import { PeopleWaiters } from '../sagas/people.js'
import { RateQueues } from '../sagas/rateQueues.js'
import { SaidWarnings, type RuntimeWarning } from '../sagas/saidWarnings.js'
import { RuntimeDrainingError } from '../sagas/sessionErrors.js'
import { SharedTurns } from '../sagas/sharedTurns.js'
import { describeError } from '../slices/rules/errors.js'
import type { RuntimeState } from '../slices/state.js'
import type { AgentRuntime } from './agentRuntime.js'
import { createSystemClock } from './clock.js'
import type { ModuleOptions } from './config/runtime.js'
import { assertSealsGoOn } from './log/assertSealsGoOn.js'
import type { EventLog } from './log/eventLog.js'
import { restoreState } from './log/loadState.js'
import { recall } from './log/recall.js'
import { createRecorder } from './log/recorder.js'
import { saveSnapshot } from './log/saveSnapshot.js'
import { nextTask } from './nextTask.js'
import { createRandom } from './random.js'
import { createRuntimeApi } from './runtimeApi.js'
import type { SinkWarning } from './sinks/failures.js'
import { createRuntimeSinks } from './sinks/runtimeSinks.js'
import type { ShownState } from './store/shownState.js'

/** The state of a log that is gone on with. */
export async function restore(options: ModuleOptions<EventLog> & { readonly log: EventLog }): Promise<RuntimeState> {
  const { log } = options
  await assertSealsGoOn(log)
  const { state, replayed } = await restoreState(log)
  if (replayed >= SNAPSHOT_AFTER) await saveSnapshot(log, state, warnerOf(options))
  return state
}

/** A process that is killed keeps no snapshot: the next one does, when it had this many facts to replay. */
const SNAPSHOT_AFTER = 10_000

export function warnerOf({
  onWarning,
}: Pick<ModuleOptions<EventLog>, 'onWarning'>): (warning: RuntimeWarning | SinkWarning) => void {
  return safely(onWarning ?? (({ message }) => console.warn(message)))
}

/** Starts a runtime on the state of its log, which is shown already. */
export function startRuntime<Log extends EventLog>(
  options: ModuleOptions<Log> & { readonly log: Log },
  shown: ShownState,
): AgentRuntime<Log> {
  const { log, clock = createSystemClock(), sinks = [], record: recording = {} } = options
  const warn = warnerOf(options)
  const calls = new RunningCalls()
  const state = (): RuntimeState => shown.live
  const told = createRuntimeSinks(sinks, { clock, warn, state, record: (draft) => void record(draft) })
  const record = createRecorder({
    log,
    clock,
    state,
    publish: sinks.length === 0 ? shown.publish : (fact) => told.tell(fact, shown.publish),
    onUnavailable: (error) => calls.abortEverything(error),
  })
  const draining = new AbortController()
  const context: Context = {
    clock,
    random: createRandom(options.seed ?? Math.floor(Math.random() * 2 ** 32)),
    recording: { results: recording.results ?? 'none', redact: recording.redact },
    resumptions: new Map(),
    calls,
    rateQueues: new RateQueues(clock),
    sharedTurns: new SharedTurns(),
    people: new PeopleWaiters(),
    saidWarnings: new SaidWarnings(),
    retainEndedSessions: options.retainEndedSessions ?? 1_000,
    retainThreads: options.retainThreads ?? 10_000,
    draining: draining.signal,
    state,
    record,
    flush: () => log.flush(),
    recall: (threadId, run) => recall(log, threadId, run),
    timeTravel: shown.timeTravel(options.whileTimeTravelling ?? 'wait'),
    nextTask,
    run: (saga) => runInside(saga),
    warn,
  }
  const runInside = createRun(context)
  const stopOpening = (): void => draining.abort(new RuntimeDrainingError())
  settleInterrupted(context)
  return createRuntimeApi({ log, context, shown, sinks: told.handle, stopOpening }) as AgentRuntime<Log>
}

/** A warning is told in the middle of a turn, which must not end because nobody can be told. */
function safely<Warning>(tell: (warning: Warning) => void): (warning: Warning) => void {
  return (warning) => {
    try {
      tell(warning)
    } catch (error) {
      console.error(`onWarning threw ${describeError(error).name}`)
    }
  }
}

function createRun(context: Context): Context['run'] {
  const io = {
    channel: stdChannel(),
    // One for all: without it every run makes a new prototype, which only a full garbage collection frees.
    context: {},
    dispatch: () => undefined,
    getState: context.state,
    // The caller gets the error with the promise.
    onError: () => undefined,
  }
  return (saga) => runSaga(io, () => saga).toPromise()
}
