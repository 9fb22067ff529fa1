import type { AgentRuntime, AgentSession, MemoryLog, TurnCall } from '../../../src/index.js'
import { createAgentRuntime } from '../../../src/index.js'
import { createManualClock, type ManualClock } from '../../../src/testing/index.js'
import { httpError } from '../../support/scripted.js'

/** A runtime with its clock, and what agents in it do with their time. */
export interface Office {
  readonly runtime: AgentRuntime<MemoryLog>
  readonly clock: ManualClock
  /** A turn that takes so long, and uses so many tokens. */
  ask(session: AgentSession, turn: Turn): Promise<unknown>
  /** A tool call that takes so long. */
  use(session: AgentSession, tool: string, ms: number): Promise<unknown>
  wait(ms: number): Promise<void>
  /** Moves time on until this is done. */
  finish<T>(work: Promise<T>): Promise<T>
}

interface Turn {
  readonly ms: number
  readonly input: number
  readonly cached?: number
  readonly output: number
  /** How its first calls fail: HTTP statuses. */
  readonly fails?: readonly number[]
  readonly model?: string
}

const PRICES = {
  'north-large': { inputPerMillion: 3, outputPerMillion: 15, cacheReadPerMillion: 0.3, cacheWritePerMillion: 3.75 },
  'south-small': { inputPerMillion: 0.5, outputPerMillion: 2, cacheReadPerMillion: 0.05, cacheWritePerMillion: 0.6 },
}

/** Monday, nine o'clock. */
export function openOffice(): Office {
  const clock = createManualClock(Date.UTC(2026, 0, 5, 9))
  const runtime = createAgentRuntime({ clock, seed: 7 })
  runtime.registerPricing(PRICES)
  const wait = (ms: number) => new Promise<void>((resolve) => void clock.setTimeout(resolve, ms))
  return {
    runtime,
    clock,
    wait,
    ask: (session, { ms, input, cached = 0, output, fails = [], model }) =>
      session.runTurn(
        async ({ attempt }: TurnCall) => {
          const status = fails[attempt - 1]
          await wait(status === undefined ? ms : 400)
          if (status !== undefined) throw httpError(status)
          return 'an answer'
        },
        {
          usage: { inputTokens: { total: input + cached, cacheRead: cached }, outputTokens: output },
          ...(model !== undefined && { model }),
        },
      ),
    use: (session, tool, ms) => session.runTool(tool, () => wait(ms)),
    async finish(work) {
      const state = { isDone: false }
      const done = () => void (state.isDone = true)
      work.then(done, done)
      while (!state.isDone) await clock.advance(100)
      return work
    },
  }
}
