import type { AgentRuntime, Handoff, UsageInput } from '../../src/index.js'

/** A model that answers, and how often it was asked. */
export interface Model {
  readonly calls: string[]
  ask(prompt: string, signal?: AbortSignal): Promise<{ readonly text: string; readonly usage: UsageInput }>
}

export function createModel(answer: (prompt: string) => string = (prompt) => `About ${prompt}`): Model {
  const calls: string[] = []
  return {
    calls,
    async ask(prompt) {
      calls.push(prompt)
      return { text: answer(prompt), usage: { inputTokens: prompt.length, outputTokens: 10 } }
    },
  }
}

export interface EssaySettings {
  readonly topic?: string
  readonly budgetUsd?: number
  readonly order?: readonly ('search' | 'draft')[]
  readonly threads?: boolean
}

/** A writer that searches and drafts, and an editor that takes over. */
export async function writeEssay(runtime: AgentRuntime, model: Model, settings: EssaySettings = {}): Promise<string> {
  const { topic = 'tides', budgetUsd = 5, order = ['search', 'draft'], threads = true } = settings
  runtime.registerPricing('m', { inputPerMillion: 3, outputPerMillion: 15 })
  const common = { phase: 'essay', model: 'm', budgetUsd, enforceBudget: true } as const
  const writer = runtime.orchestrator({ role: 'writer', ...common })
  const editor = runtime.orchestrator({ role: 'editor', ...common })
  const usage = (answer: { readonly usage: UsageInput }) => answer.usage
  const thread = (threadId: string) => (threads ? { threadId } : {})
  const handoff = await writer.session(async (session): Promise<Handoff> => {
    for (const step of order) {
      if (step === 'search') await session.runTool('search', () => model.ask('search'), { args: { topic } })
      else await session.runTurn(() => model.ask(topic), { name: 'draft', input: { topic }, usage })
    }
    return session.handoffTo('editor', { reason: 'drafted', context: { topic } })
  }, thread('write'))
  return editor.session(
    async (session) => {
      const { value } = await session.runTurn(() => model.ask(`edit ${topic}`), { name: 'edit', usage })
      return value.text
    },
    { handoff, ...thread('edit') },
  )
}
