import { configureStore, Tuple } from '@reduxjs/toolkit'
import { runSaga, stdChannel } from 'redux-saga'
import { RunningCalls } from '../sagas/calls.js'
import type { Context } from '../sagas/context.js'
import { settleInterrupted } from '../sagas/interruptions.js'
import { PeopleWaiters } from '../sagas/people.js'
import { RateQueues } from '../sagas/rateQueues.js'
import { SaidWarnings, type RuntimeWarning } from '../sagas/saidWarnings.js'
import { SharedTurns } from '../sagas/sharedTurns.js'
import type { Fact } from '../slices/fact.js'
import { assertArgument, describeError } from '../slices/rules/errors.js'
import { initialState, runtimeReducer, type RuntimeState } from '../slices/state.js'
import type { AgentRuntime } from './agentRuntime.js'
import { createSystemClock } from './clock.js'
import { checkRuntimeOptions, type RuntimeOptions } from './config/runtime.js'
import { assertSealsGoOn } from './log/assertSealsGoOn.js'
import type { EventLog } from './log/eventLog.js'
import { restoreState } from './log/loadState.js'
import type { LogUnavailableError } from './log/logUnavailableError.js'
import { createMemoryLog, type MemoryLog } from './log/memory.js'
import { createLogMiddleware } from './log/middleware.js'
import { recall } from './log/recall.js'
import { saveSnapshot } from './log/saveSnapshot.js'
import { nextTask } from './nextTask.js'
import { createRandom } from './random.js'
import { createRuntimeApi } from './runtimeApi.js'
import type { SinkWarning } from './sinks/failures.js'
import { createRuntimeSinks } from './sinks/runtimeSinks.js'

/**
 * A runtime that begins with an empty log.
 *
 * @throws {InvalidArgumentError} An option does not fit, or the log has facts: `openAgentRuntime` goes on with those.
 */
export function createAgentRuntime(options?: RuntimeOptions<MemoryLog>): AgentRuntime<MemoryLog>
export function createAgentRuntime<Log extends EventLog>(options: RuntimeOptions<Log> & { log: Log }): AgentRuntime<Log>
export function createAgentRuntime(options: RuntimeOptions<EventLog> = {}): AgentRuntime {
  checkRuntimeOptions(options)
  const { log = createMemoryLog() } = options
  assertArgument(log.head() === 0, 'log', log, 'an empty log; openAgentRuntime goes on with one that has facts')
  return startRuntime({ ...options, log }, initialState)
}

/**
 * A runtime that goes on with what its log holds: prices, breakers, budgets, sessions and threads are as they were. What another
 * process left running is parked, until `session` takes up its thread.
 *
 * @throws {InvalidArgumentError} An option does not fit, or the log's facts are sealed and it does not come by `withHashChain`.
 * @throws {LogCorruptError | LogVersionError} The log is damaged, or of a later version.
 * @example
 * const runtime = await openAgentRuntime({ log: await openJsonlLog('runs.jsonl'), record: { results: 'json' } })
 */
export async function openAgentRuntime<Log extends EventLog>(
  options: RuntimeOptions<Log> & { readonly log: Log },
): Promise<AgentRuntime<Log>> {
  checkRuntimeOptions(options)
  const { log } = options
  assertArgument(typeof log === 'object', 'log', log, 'an event log')
  await assertSealsGoOn(log)
  const { state, replayed } = await restoreState(log)
  if (replayed >= SNAPSHOT_AFTER) await saveSnapshot(log, state, warnerOf(options))
  return startRuntime<Log>(options, state)
}

/** A process that is killed keeps no snapshot: the next one does, when it had this many facts to replay. */
const SNAPSHOT_AFTER = 10_000

function warnerOf({
  onWarning,
}: Pick<RuntimeOptions<EventLog>, 'onWarning'>): (warning: RuntimeWarning | SinkWarning) => void {
  return safely(onWarning ?? (({ message }) => console.warn(message)))
}

function startRuntime<Log extends EventLog>(
  options: RuntimeOptions<Log> & { readonly log: Log },
  state: RuntimeState,
): AgentRuntime<Log> {
  const { log, clock = createSystemClock(), sinks = [], record = {} } = options
  const selectState = (state: unknown): RuntimeState => state as RuntimeState
  const warn = warnerOf(options)
  const calls = new RunningCalls()
  const { middleware: sinkMiddleware, handle } = createRuntimeSinks(sinks, { clock, selectState, warn })
  const onUnavailable = (error: LogUnavailableError): void => calls.abortEverything(error)
  const logMiddleware = createLogMiddleware({ log, clock, selectState, onUnavailable })
  const store = configureStore({
    reducer: runtimeReducer,
    preloadedState: state,
    // The development checks of the default middleware walk the whole state on every fact.
    middleware: () => new Tuple(logMiddleware, ...(sinks.length > 0 ? [sinkMiddleware] : [])),
    enhancers: (defaults) => defaults({ autoBatch: false }),
    devTools: options.devTools ?? false,
  })
  let isDraining = false
  const context: Context = {
    clock,
    random: createRandom(options.seed ?? Math.floor(Math.random() * 2 ** 32)),
    recording: { results: record.results ?? 'none', redact: record.redact },
    resumptions: new Map(),
    calls,
    rateQueues: new RateQueues(clock),
    sharedTurns: new SharedTurns(),
    people: new PeopleWaiters(),
    saidWarnings: new SaidWarnings(),
    retainEndedSessions: options.retainEndedSessions ?? 1_000,
    retainThreads: options.retainThreads ?? 10_000,
    isDraining: () => isDraining,
    state: store.getState,
    record: <Payload>(draft: { type: string; payload: Payload }) => store.dispatch(draft) as unknown as Fact<Payload>,
    flush: () => log.flush(),
    recall: (threadId, run) => recall(log, threadId, run),
    nextTask,
    run: (saga) => runInside(saga),
    warn,
  }
  const runInside = createRun(context)
  const subscribe = (listener: () => void): (() => void) => {
    assertArgument(typeof listener === 'function', 'listener', listener, 'a function')
    return store.subscribe(() => isolate(listener, warn))
  }
  const stopOpening = (): void => void (isDraining = true)
  settleInterrupted(context)
  return createRuntimeApi({ log, context, sinks: handle, subscribe, stopOpening }) as AgentRuntime<Log>
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

/** A listener that throws must not end the turn whose fact it was told of, nor keep the others from hearing of it. */
function isolate(listener: () => void, warn: Context['warn']): void {
  try {
    listener()
  } catch (error) {
    const { name } = describeError(error)
    warn({ code: 'listener_failed', message: `a subscriber threw ${name}`, error })
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
