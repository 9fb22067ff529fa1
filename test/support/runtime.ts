import {
  createAgentRuntime,
  type AgentRuntime,
  type Fact,
  type MemoryLog,
  type Orchestrator,
  type OrchestratorOptions,
  type RuntimeOptions,
} from '../../src/index.js'
import { createManualClock, type ManualClock } from '../../src/testing/index.js'

export interface TestRuntime {
  readonly runtime: AgentRuntime<MemoryLog>
  readonly clock: ManualClock
  readonly orchestrator: Orchestrator
  readonly warnings: string[]
  /** The types of the facts recorded so far. */
  factTypes(): readonly string[]
  /** Those of a session only. */
  sessionFacts(sessionId?: string): readonly string[]
}

/** A runtime on a manual clock, with a priced model and one orchestrator. */
export function createTestRuntime(
  options: Partial<OrchestratorOptions> = {},
  runtimeOptions: RuntimeOptions<MemoryLog> = {},
): TestRuntime {
  const clock = createManualClock(1_000)
  const warnings: string[] = []
  const runtime = createAgentRuntime({ clock, onWarning: ({ message }) => warnings.push(message), ...runtimeOptions })
  runtime.registerPricing('your-model', { inputPerMillion: 3, outputPerMillion: 15 })
  const orchestrator = runtime.orchestrator({ role: 'writer', phase: 'draft', ...options })
  const typesOf = (facts: readonly Fact[]) => facts.map(({ type }) => type)
  return {
    runtime,
    clock,
    orchestrator,
    warnings,
    factTypes: () => typesOf(runtime.log.facts()),
    sessionFacts: (sessionId = 'session-1') => typesOf(runtime.log.facts(`@${sessionId}`)),
  }
}

/** 5,000 tokens in and 1,200 out: $0.033 of `your-model`. */
export const DRAFT = { model: 'your-model', usage: { inputTokens: 5_000, outputTokens: 1_200 } } as const

/** What a promise rejects with. Fails when it does not. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  let value: unknown
  try {
    value = await promise
  } catch (error) {
    return error
  }
  throw new Error(`expected a rejection, got ${String(value)}`)
}

/** A promise and the functions that settle it. */
export function deferred<T = unknown>() {
  let resolve!: (value: T) => void
  let reject!: (error: unknown) => void
  const promise = new Promise<T>((...settlers) => ([resolve, reject] = settlers))
  return { promise, resolve, reject }
}
