import {
  createMemoryLog,
  type AgentRuntime,
  type MemoryLog,
  type Orchestrator,
  type OrchestratorOptions,
  type RuntimeOptions,
} from '../../src/index.js'
import { createManualClock, openTestRuntime, type ManualClock } from '../../src/testing/index.js'
import { PRICING } from '../support/runtime.js'

export interface TestProcess {
  readonly runtime: AgentRuntime<MemoryLog>
  readonly orchestrator: Orchestrator
  readonly clock: ManualClock
  readonly warnings: string[]
  factTypes(): readonly string[]
  /** Another process that finds on its disk what this one has recorded until now. This one goes on, and nobody hears of it. */
  crash(options?: ProcessOptions): Promise<TestProcess>
}

export interface ProcessOptions {
  readonly orchestrator?: Partial<OrchestratorOptions>
  readonly runtime?: Omit<RuntimeOptions<MemoryLog>, 'log' | 'clock'>
  /** Only this many of the facts were on the disk. Default: all. */
  readonly until?: number
}

/** A process with a runtime that records results, on a manual clock. */
export async function startProcess(options: ProcessOptions = {}, disk = createMemoryLog(), now = 1_000) {
  const clock = createManualClock(now)
  const warnings: string[] = []
  const { runtime, orchestrator } = await openTestRuntime({
    ...{ log: disk, clock, pricing: PRICING, record: { results: 'json' } },
    ...{ role: 'writer', phase: 'draft', model: undefined },
    onWarning: ({ message }) => warnings.push(message),
    ...options.runtime,
    ...options.orchestrator,
  })
  const process: TestProcess = {
    ...{ runtime, orchestrator, clock, warnings },
    factTypes: () => runtime.log.facts().map(({ type }) => type),
    crash: (next = {}) => startProcess({ ...options, ...next }, copyOf(disk, next.until), clock.now()),
  }
  return process
}

function copyOf(disk: MemoryLog, until = Infinity): MemoryLog {
  const copy = createMemoryLog()
  for (const fact of disk.facts()) if (fact.meta.seq <= until) copy.append(fact.meta.stream, [fact])
  return copy
}
