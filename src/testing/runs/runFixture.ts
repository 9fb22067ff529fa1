import type { Clock } from '../../../sagas/clock.js'
import type { Redact } from '../../../sagas/recording.js'
import type { Fact } from '../../../slices/fact.js'
import { sessionFailed } from '../../../slices/facts.js'
import { assertArgument } from '../../../slices/rules/errors.js'
import type { AgentRuntime } from '../../agentRuntime.js'
import { createSystemClock } from '../../clock.js'
import type { RuntimeOptions } from '../../config/runtime.js'
import { createMemoryLog, type MemoryLog } from '../../log/memory.js'
import { createAgentRuntime } from '../../runtime.js'
import { CallRecorder } from './callRecorder.js'
import { CallReplayer } from './callReplayer.js'
import { assertSame } from './assertSame.js'
import { interceptRuntime, type Interceptor } from './intercept.js'
import type { RecordedRun } from './recordedRun.js'
import { ReplayClock } from './replayClock.js'

export interface RunFixtureOptions {
  /**
   * What the agent gets, and the recording has, instead of a result, a chunk of a stream, an error's message or a field of it, and what
   * the recording has instead of an input. Give the same when the run is recorded and when it is replayed. Default: everything as it is.
   */
  readonly redact?: Redact | undefined
  /** Options of the runtime. Its `seed` is 1 unless given. */
  readonly runtime?: Omit<RuntimeOptions<MemoryLog>, 'log' | 'clock'> | undefined
}

export interface RecordRunOptions extends RunFixtureOptions {
  /** Default: real time. */
  readonly clock?: Clock | undefined
}

/** A run that is recorded or replayed. */
export interface RunFixture {
  readonly mode: 'record' | 'replay'
  /** Run the agent on this one. Its log is in memory. */
  readonly runtime: AgentRuntime<MemoryLog>
  /** That of the runtime. In a replay it goes to what is due next whenever the agent waits. */
  readonly clock: Clock
  /**
   * Closes the runtime, and gives the run. Does so once.
   *
   * @throws {FixtureDivergedError} The run that was replayed is not the recorded one. Names the first divergence.
   * @throws {FixtureNotRecordableError} The run cannot be recorded: something that was answered is not JSON.
   */
  finish(): Promise<RecordedRun>
  /**
   * Closes the runtime: for `await using`. Without `finish` it says on the console that nothing came of the run. An error that is
   * thrown here hides the one that the test has failed with, so it throws only a divergence with which no session has failed.
   *
   * @throws {FixtureDivergedError} `finish` was not called, and the agent went on after a call that was not as it was recorded.
   */
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Records a run: the functions of turns, tools and steps are called, and what they answer is noted. The agent gets what was noted:
 * JSON, redacted, and errors that are like those that were thrown but of no SDK's class. So what is recorded can be replayed.
 *
 * @example
 * const recording = recordRun()
 * await writeEssay(recording.runtime)
 * const run = await recording.finish()
 * const replay = replayRun(run)
 * await writeEssay(replay.runtime)
 * await replay.finish()
 */
export function recordRun({
  redact,
  runtime: options,
  clock = createSystemClock(),
}: RecordRunOptions = {}): RunFixture {
  const log = createMemoryLog()
  const runtime = createAgentRuntime({ seed: 1, ...options, log, clock })
  const recorder = new CallRecorder({ clock, redact, head: () => log.head() })
  const end = async (): Promise<RecordedRun> => {
    recorder.finish()
    await runtime.close()
    if (recorder.failure) throw recorder.failure
    return { facts: log.facts(), calls: recorder.calls }
  }
  const leave = (): void => console.warn('finish() was not called: the run that was recorded is not kept')
  return fixtureOf('record', runtime, { clock, interceptor: recorder, end, leave })
}

/**
 * Replays a run: the functions of turns, tools and steps are not called, and get the answers that were recorded. Everything else is
 * done anew: limits, budgets, permissions, policies, hooks, guardrails, recoveries and the agent's own code. So a change of any of
 * those shows, as a call that was not recorded or as another fact. What a function would do with the model is not seen: a prompt
 * counts when it is the turn's `input`.
 *
 * Calls are known by their session (its thread and role), kind, name, model, provider, attempt and input. Time is that of the
 * recording: an answer comes after as long as its call took. People are not replayed: answer them as when the run was recorded.
 *
 * @throws {InvalidArgumentError} `run` is no recorded run.
 */
export function replayRun(run: RecordedRun, { redact, runtime: options }: RunFixtureOptions = {}): RunFixture {
  const { facts, calls } = run
  assertArgument(Array.isArray(facts) && Array.isArray(calls), 'run', run, 'a recorded run')
  const log = createMemoryLog()
  const nextFactAt = (): number => facts[log.head()]?.meta.at ?? Infinity
  const nextRank = (): number => replayer.nextIndex()
  const clock = new ReplayClock({ startAt: facts[0]?.meta.at ?? 0, nextFactAt, nextRank })
  const runtime = createAgentRuntime({ seed: 1, ...options, log, clock })
  const session = (id: string) => runtime.select.session(id)
  const replayer = new CallReplayer(run, { clock, redact, session, head: () => log.head() })
  runtime.subscribe(() => clock.wake())
  const end = async (): Promise<RecordedRun> => {
    await runtime.close()
    clock.stop()
    await assertSame(run, log, replayer)
    return run
  }
  const leave = (): void => {
    const { failure } = replayer
    if (!failure) console.warn('finish() was not called: the run is not held against the recording')
    else if (!hasFailedWith(log.facts(), failure)) throw failure
  }
  return fixtureOf('replay', runtime, { clock, interceptor: replayer, end, leave })
}

/** Then whoever ran that session has the error. */
function hasFailedWith(facts: readonly Fact[], { name }: Error): boolean {
  return facts.some((fact) => sessionFailed.match(fact) && fact.payload.detail === `${name} raised`)
}

interface Parts {
  readonly clock: Clock
  readonly interceptor: Interceptor
  /** Closes the runtime. */
  end(): Promise<RecordedRun>
  /** What is done when nobody called `finish`, once the runtime is closed. */
  leave(): void
}

function fixtureOf(
  mode: RunFixture['mode'],
  runtime: AgentRuntime<MemoryLog>,
  { clock, interceptor, end, leave }: Parts,
): RunFixture {
  let finished: Promise<RecordedRun> | undefined
  const finish = (): Promise<RecordedRun> => (finished ??= end())
  return {
    mode,
    runtime: interceptRuntime(runtime, interceptor),
    clock,
    finish,
    async [Symbol.asyncDispose]() {
      const isLeft = !finished
      await finish().catch(() => undefined)
      if (isLeft) leave()
    },
  }
}
