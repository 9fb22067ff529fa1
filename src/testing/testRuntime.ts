import type { RuntimeWarning } from '../../sagas/saidWarnings.js'
import type { AgentRuntime } from '../agentRuntime.js'
import type { OrchestratorOptions } from '../config/orchestrator.js'
import type { ModelPricing } from '../config/pricing.js'
import type { RuntimeOptions } from '../config/runtime.js'
import type { EventLog } from '../log/eventLog.js'
import { createMemoryLog, type MemoryLog } from '../log/memory.js'
import type { Orchestrator } from '../orchestrator.js'
import { createAgentRuntime, openAgentRuntime } from '../runtime.js'
import type { SinkWarning } from '../sinks/failures.js'
import { createManualClock, type ManualClock } from './manualClock.js'

/** Options of the runtime and of its orchestrator, side by side. */
export interface TestRuntimeOptions<Log extends EventLog = MemoryLog>
  extends Omit<RuntimeOptions<Log>, 'clock'>, Partial<OrchestratorOptions> {
  /** Default: one that stands at 0. Runtimes that share it live at the same time. */
  readonly clock?: ManualClock | undefined
  /** US dollars per million tokens, by model. Default: `test-model` costs 1 for input and 10 for output. */
  readonly pricing?: Readonly<Record<string, ModelPricing>> | undefined
}

export interface TestRuntime<Log extends EventLog = MemoryLog> {
  readonly runtime: AgentRuntime<Log>
  readonly clock: ManualClock
  readonly log: Log
  /** What the runtime has warned of so far. */
  readonly warnings: readonly (RuntimeWarning | SinkWarning)[]
  /**
   * Role `agent`, phase `test`, the first model that has a price, unless the options say otherwise. Registered when it is first
   * looked at; at once, when an option of it is given.
   */
  readonly orchestrator: Orchestrator
}

/**
 * A runtime for tests: time stands still until the clock is told to move, random waits follow from one seed, ids are in sequence, and
 * the log is in memory. Warnings are collected, and told to `onWarning`, by default the console.
 *
 * @throws {InvalidArgumentError} An option does not fit, or is not known.
 * @example
 * const { runtime, orchestrator, clock } = createTestRuntime({ circuitBreaker: { name: 'api', failureThreshold: 3 } })
 */
export function createTestRuntime(options?: TestRuntimeOptions): TestRuntime
export function createTestRuntime<Log extends EventLog>(
  options: TestRuntimeOptions<Log> & { readonly log: Log },
): TestRuntime<Log>
export function createTestRuntime(options: TestRuntimeOptions<EventLog> = {}): TestRuntime<EventLog> {
  const setUp = prepare(options)
  return setUp.finish(createAgentRuntime(setUp.runtimeOptions))
}

/**
 * The same over a log that has facts: as another process takes its threads up.
 *
 * @example
 * const next = await openTestRuntime({ log: await openJsonlLog(path), clock, record: { results: 'json' } })
 */
export async function openTestRuntime<Log extends EventLog>(
  options: TestRuntimeOptions<Log> & { readonly log: Log },
): Promise<TestRuntime<Log>> {
  const setUp = prepare(options)
  return setUp.finish(await openAgentRuntime(setUp.runtimeOptions))
}

const PRICING: Readonly<Record<string, ModelPricing>> = { 'test-model': { inputPerMillion: 1, outputPerMillion: 10 } }

function prepare<Log extends EventLog>({
  clock = createManualClock(),
  pricing = PRICING,
  onWarning = ({ message }) => console.warn(message),
  ...options
}: TestRuntimeOptions<Log>) {
  const warnings: (RuntimeWarning | SinkWarning)[] = []
  const { ofOrchestrator, ofRuntime } = split(options)
  const log = (options.log ?? createMemoryLog()) as Log
  const note = (warning: RuntimeWarning | SinkWarning): void => {
    warnings.push(warning)
    onWarning(warning)
  }
  const [model] = Object.keys(pricing)
  const finish = (runtime: AgentRuntime<Log>): TestRuntime<Log> => {
    if (model !== undefined) runtime.registerPricing(pricing)
    let orchestrator: Orchestrator | undefined
    const register = () => runtime.orchestrator({ role: 'agent', phase: 'test', model, ...ofOrchestrator })
    if (Object.keys(ofOrchestrator).length > 0) orchestrator = register()
    return {
      ...{ runtime, clock, log, warnings },
      get orchestrator() {
        return (orchestrator ??= register())
      },
    }
  }
  return { runtimeOptions: { seed: 1, ...ofRuntime, log, clock, onWarning: note }, finish }
}

const ORCHESTRATOR_OPTIONS: Readonly<Record<keyof OrchestratorOptions, true>> = {
  role: true,
  phase: true,
  projectId: true,
  model: true,
  budgetUsd: true,
  enforceBudget: true,
  unpricedModels: true,
  usageLimits: true,
  governance: true,
  maxIterations: true,
  turnTimeoutMs: true,
  toolTimeoutMs: true,
  rateLimit: true,
  maxRateLimitWaitMs: true,
  providers: true,
  circuitBreaker: true,
  permissions: true,
  guardrails: true,
  hooks: true,
  policy: true,
  conditions: true,
  qualityGate: true,
  handoffTargets: true,
  recovery: true,
  readUsage: true,
}

/** What is no option of an orchestrator is one of the runtime, which refuses those that it does not know. */
function split<Log extends EventLog>(options: Omit<RuntimeOptions<Log>, 'clock'> & Partial<OrchestratorOptions>) {
  const entries = Object.entries(options)
  const isOrchestrators = ([name]: readonly [string, unknown]) => Object.hasOwn(ORCHESTRATOR_OPTIONS, name)
  return {
    ofOrchestrator: Object.fromEntries(entries.filter(isOrchestrators)) as Partial<OrchestratorOptions>,
    ofRuntime: Object.fromEntries(entries.filter((entry) => !isOrchestrators(entry))) as RuntimeOptions<Log>,
  }
}
