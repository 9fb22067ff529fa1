import { SessionCancelledError, type AgentRuntime, type Orchestrator } from 'redux-agent-runtime'
import { createValue, type Value } from '../app/value.js'
import { edit } from './editor.js'
import type { ScriptedModel } from './scriptedModel.js'
import { write } from './writer.js'

export const BREAKER = 'model-api'
const STORY_BUDGET_USD = 0.08

/** Runs stories: a writer, and then an editor, on a thread of their own. */
export class Newsroom {
  readonly #runtime: AgentRuntime
  readonly #model: ScriptedModel
  readonly #writer: Orchestrator
  readonly #editor: Orchestrator
  /** Why the last story ended before its end. Outside of Redux, so that it can be read while the store shows the past. */
  readonly problem: Value<string | null> = createValue<string | null>(null)

  constructor(runtime: AgentRuntime, model: ScriptedModel) {
    this.#runtime = runtime
    this.#model = model
    runtime.registerPricing({
      'scripted-small': { inputPerMillion: 3, outputPerMillion: 15 },
      'scripted-large': { inputPerMillion: 15, outputPerMillion: 75 },
    })
    runtime.configureBreaker({ name: BREAKER, failureThreshold: 3, recoveryTimeoutMs: 300_000 })
    const shared = { circuitBreaker: BREAKER, budgetUsd: STORY_BUDGET_USD, enforceBudget: true }
    this.#writer = runtime.orchestrator({ role: 'writer', phase: 'draft', model: 'scripted-small', ...shared })
    this.#editor = runtime.orchestrator({ role: 'editor', phase: 'review', model: 'scripted-large', ...shared })
  }

  start(topic: string): void {
    // Not the number of stories: the store may show the past, in which there were fewer.
    void this.#run(`story-${crypto.randomUUID().slice(0, 8)}`, topic)
  }

  /** Goes on with the stories that another page left unfinished. */
  resume(): void {
    for (const threadId of this.#unfinished()) void this.#run(threadId, '')
  }

  #unfinished(): ReadonlySet<string> {
    const threads = this.#runtime.listActive().map(({ threadId, handoff }) => {
      // Who waits for a handoff to be picked up is in no thread yet.
      const source = handoff && this.#runtime.select.session(handoff.sourceSessionId)
      return threadId ?? source?.threadId ?? null
    })
    return new Set(threads.filter((threadId) => threadId !== null))
  }

  async #run(threadId: string, topic: string): Promise<void> {
    this.problem.set(null)
    try {
      const handoff = await this.#writer.session((session) => write(session, this.#model, topic), { threadId })
      await this.#editor.session((session) => edit(session, this.#model), { threadId, handoff })
    } catch (error) {
      if (!(error instanceof SessionCancelledError)) this.problem.set(describe(error))
    }
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
