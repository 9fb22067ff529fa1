import { assertArgument } from '../../../slices/rules/errors.js'
import type { AgentRuntime } from '../../agentRuntime.js'
import type { RuntimeOptions } from '../../config/runtime.js'
import { createMemoryLog, type MemoryLog } from '../../log/memory.js'
import { openAgentRuntime } from '../../runtime.js'
import { Expectations, type Observed } from './expectations.js'
import { createManualClock, settle, type ManualClock } from '../manualClock.js'
import { stampFacts, type Given, type History } from './stampFacts.js'

/** What the functions of a test get. */
export interface GivenContext {
  readonly runtime: AgentRuntime<MemoryLog>
  /** Stands at the time of the last fact that was given. */
  readonly clock: ManualClock
}

/** A history, and what is done after it. */
export interface GivenFacts<Prepared extends object> {
  /** Options of the runtime that is opened on the history. */
  with(options: GivenOptions): GivenFacts<Prepared>
  /** Prepares what is needed, such as an orchestrator. What it records does not count as new; what it returns is given to `when`. */
  setup<More extends object>(
    prepare: (context: GivenContext & Prepared) => More | PromiseLike<More>,
  ): GivenFacts<Prepared & More>
  /** What is tested. It is run at once; what it must have done follows. */
  when(call: (context: GivenContext & Prepared) => unknown): Expectations
}

export type GivenOptions = Omit<RuntimeOptions<MemoryLog>, 'log' | 'clock'>

/** When histories begin: 2026-01-01, in Unix ms. */
const START = Date.UTC(2026, 0, 1)

/**
 * Tests a call by the facts before it and the facts that it records. The history is facts made by their creators, which are stamped
 * one millisecond apart, or recorded ones; `elapsed(ms)` lets time pass between them. What it leaves running is taken for the work
 * of another process, as whenever a log is opened.
 *
 * @throws {InvalidArgumentError} Names the first that is no fact.
 * @example
 * await givenFacts(facts.breakerConfigured({ name: 'api', settings }), facts.breakerOutcomeRecorded({ name: 'api', outcome: 'failure' }))
 *   .setup(({ runtime }) => ({ writer: runtime.orchestrator({ role: 'writer', phase: 'draft', circuitBreaker: 'api' }) }))
 *   .when(({ writer }) => writer.session((session) => session.runTurn(callModel)))
 *   .thenThrows('circuit_open')
 *   .thenFactsInclude({ type: 'turns/refused', payload: { reason: 'circuit_open' } })
 */
export function givenFacts(...facts: readonly Given[]): GivenFacts<object> {
  return given(stampFacts(facts, START), {}, () => ({}))
}

type Prepare<Prepared> = (context: GivenContext) => Prepared | PromiseLike<Prepared>

function given<Prepared extends object>(
  history: History,
  options: GivenOptions,
  prepare: Prepare<Prepared>,
): GivenFacts<Prepared> {
  return {
    with: (more) => given(history, { ...options, ...more }, prepare),
    setup(next) {
      assertFunction(next, 'prepare')
      return given(history, options, async (context) => {
        const prepared = await prepare(context)
        return { ...prepared, ...(await next({ ...context, ...prepared })) }
      })
    },
    when(call) {
      assertFunction(call, 'call')
      return new Expectations(() => observe(history, options, prepare, call))
    },
  }
}

async function observe<Prepared extends object>(
  { log: { facts }, now }: History,
  options: GivenOptions,
  prepare: Prepare<Prepared>,
  call: (context: GivenContext & Prepared) => unknown,
): Promise<Observed> {
  const clock = createManualClock(now)
  const log = createMemoryLog({ facts: facts() })
  const runtime = await openAgentRuntime({ seed: 1, ...options, log, clock })
  const context = { runtime, clock }
  const prepared = { ...context, ...(await prepare(context)) }
  const before = log.head()
  const end = await outcomeOf(call, prepared)
  await settle()
  return { ...end, runtime, facts: log.facts().slice(before) }
}

async function outcomeOf<Context>(
  call: (context: Context) => unknown,
  context: Context,
): Promise<Pick<Observed, 'returned' | 'thrown'>> {
  try {
    return { returned: await call(context), thrown: null }
  } catch (error) {
    return { returned: undefined, thrown: { error } }
  }
}

function assertFunction(given: unknown, field: string): void {
  assertArgument(typeof given === 'function', field, given, 'a function')
}
