import {
  createAgentRuntime,
  type AgentRuntime,
  type MemoryLog,
  type Orchestrator,
  type OrchestratorOptions,
  type RuntimeOptions,
} from '../../../src/index.js'
import { createManualClock, type ManualClock } from '../../../src/testing/index.js'

/** Records facts, always the same ones. */
export type Scenario = () => Promise<MemoryLog>

export interface World {
  readonly runtime: AgentRuntime<MemoryLog>
  readonly orchestrator: Orchestrator
  readonly clock: ManualClock
}

/** 5,000 tokens in and 1,200 out. */
const USAGE = { inputTokens: 5_000, outputTokens: 1_200 }
export const TURN = { model: 'your-model', usage: USAGE } as const

/** A runtime on a manual clock, with a seed. */
export function createWorld(
  options: Partial<OrchestratorOptions> = {},
  runtimeOptions: RuntimeOptions<MemoryLog> = {},
): World {
  const clock = createManualClock(Date.UTC(2026, 0, 16))
  const runtime = createAgentRuntime({ clock, seed: 7, onWarning: () => undefined, ...runtimeOptions })
  return { clock, runtime, orchestrator: setUp(runtime, options) }
}

/** What every process of a program registers. */
export function setUp(runtime: AgentRuntime<MemoryLog>, options: Partial<OrchestratorOptions> = {}): Orchestrator {
  runtime.registerPricing('your-model', { inputPerMillion: 3, outputPerMillion: 15, cacheReadPerMillion: 0.3 })
  return runtime.orchestrator({ role: 'writer', phase: 'draft', ...options })
}

/** Refusals and failures are part of the scenario. */
export async function attempt(call: Promise<unknown>): Promise<void> {
  await call.catch(() => undefined)
}

export const hang = (): Promise<never> => new Promise(() => undefined)

export function fail(status: number): () => Promise<never> {
  return () => Promise.reject(Object.assign(new Error(`HTTP ${status}`), { status }))
}
