import type { Fact } from '../../slices/fact.js'
import { assertArgument } from '../../slices/rules/errors.js'
import { initialState, replayFact, type RuntimeState } from '../../slices/state.js'
import type { AgentRuntime } from '../agentRuntime.js'
import { factsOf, type FactSource } from '../history/factSource.js'
import type { MemoryLog } from '../log/memory.js'
import { ExpectationError } from './expectationError.js'
import { assertSameStates, replayStates, type Reduce } from './replayStates.js'
import { rerunThreads } from './runs/rerunThreads.js'

export interface ReplayStableOptions<State = RuntimeState> {
  /** Folds a fact into the state. Default: the runtime's own reducers. */
  readonly reducer?: Reduce<State> | undefined
  /** The state before the first fact. Needed with a reducer whose state is another. */
  readonly initialState?: State | undefined
  /**
   * Runs the agent once more, on a runtime in which its threads have everything but what their functions returned: each call must be
   * answered from the log. For threads that ended well, with `record: { results: 'json' }`.
   */
  readonly rerun?: ((runtime: AgentRuntime<MemoryLog>) => unknown) | undefined
}

type Source = FactSource | (Pick<AgentRuntime, 'getState'> & { readonly log: FactSource })

/**
 * Replays facts in every way that must give the same state: again, from copies that went through JSON, from a snapshot after every
 * fact (in a long log after some), and with everything frozen, so that a reducer that changes what it was given is found out. A runtime's own state must be that
 * of its log.
 *
 * @param source - A runtime, a log, or facts from the first on.
 * @throws {ExpectationError} Names the first fact after which the states differ, and where they do.
 * @throws {LogCorruptError | LogVersionError} As `replay`.
 * @example
 * await expectReplayStable(runtime, { rerun: (again) => writeEssay(again) })
 */
export async function expectReplayStable<State = RuntimeState>(
  source: Source,
  options: ReplayStableOptions<State> = {},
): Promise<void> {
  const { reducer = replayFact as unknown as Reduce<State>, rerun } = options
  const { initialState: from = initialState as State } = options
  assertArgument(typeof reducer === 'function', 'reducer', reducer, 'a function')
  assertArgument(rerun === undefined || typeof rerun === 'function', 'rerun', rerun, 'a function')
  const facts = await listOf(source)
  if (facts.length === 0) throw new ExpectationError('there is nothing to replay: no fact was recorded')
  const states = replayStates(facts, from, reducer)
  const same = (way: string, others: readonly State[], begin = 0): void =>
    assertSameStates({ facts, states, others, way, begin })
  same('replayed again', replayStates(facts, from, reducer))
  same('replayed from JSON', replayStates(facts.map(throughJson), from, reducer))
  for (const seq of snapshotsOf(facts)) {
    const snapshot = throughJson(states[seq] as State)
    same(`replayed from a snapshot after fact ${seq}`, replayStates(facts.slice(seq), snapshot, reducer), seq)
  }
  const live = 'getState' in source && options.reducer === undefined ? [source.getState() as State] : []
  same('that the runtime is in', live, facts.length)
  if (rerun) await rerunThreads(facts, rerun)
}

/** In a short log after every fact, in a long one here and there. */
function snapshotsOf({ length }: readonly Fact[]): number[] {
  const step = length <= SHORT ? 1 : Math.ceil(length / 4)
  return Array.from({ length: Math.floor(length / step) }, (_, index) => (index + 1) * step)
}

const SHORT = 50

async function listOf(source: Source): Promise<readonly Fact[]> {
  const isRuntime = typeof source === 'object' && 'getState' in source
  const facts: Fact[] = []
  for await (const fact of factsOf(isRuntime ? source.log : source, 'source')) facts.push(structuredClone(fact))
  return facts
}

function throughJson<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T
}
