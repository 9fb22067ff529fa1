import type {
  AgentRuntime,
  Fact,
  MemoryLog,
  Orchestrator,
  OrchestratorOptions,
  RuntimeOptions,
} from '../../src/index.js'
import { createManualClock, createTestRuntime as createRuntime, type ManualClock } from '../../src/testing/index.js'

/** What a million tokens of the model of our tests cost. */
export const PRICING = { 'your-model': { inputPerMillion: 3, outputPerMillion: 15 } } as const

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

/** The kit's runtime with a writer whose turns name no model, and quiet about warnings. */
export function createTestRuntime(
  options: Partial<OrchestratorOptions> = {},
  { clock, ...runtimeOptions }: RuntimeOptions<MemoryLog> = {},
): TestRuntime {
  const warnings: string[] = []
  const manual = createManualClock(1_000)
  const { runtime, orchestrator } = createRuntime({
    ...{ pricing: PRICING, role: 'writer', phase: 'draft', model: undefined },
    onWarning: ({ message }) => warnings.push(message),
    ...options,
    ...runtimeOptions,
    // Some tests bring one that is not manual.
    clock: (clock as ManualClock | undefined) ?? manual,
  })
  const typesOf = (facts: readonly Fact[]) => facts.map(({ type }) => type)
  return {
    ...{ runtime, clock: manual, orchestrator, warnings },
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
