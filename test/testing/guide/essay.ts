import type { AgentRuntime, UsageInput } from 'redux-agent-runtime'

export interface Answer {
  readonly text: string
  readonly usage: UsageInput
}

/** Calls the model. */
export type Ask = (prompt: string, signal: AbortSignal) => Promise<Answer>

export async function writeEssay(runtime: AgentRuntime, ask: Ask, topic: string): Promise<string> {
  runtime.registerPricing('your-model', { inputPerMillion: 3, outputPerMillion: 15 })
  const writer = runtime.orchestrator({
    role: 'writer',
    phase: 'draft',
    model: 'your-model',
    budgetUsd: 0.05,
    enforceBudget: true,
    recovery: { mode: 'execute', backoff: { jitter: 'none' } },
  })
  return writer.session(async (session) => {
    const turn = async (name: string, prompt: string) => {
      const { value } = await session.runTurn(({ input, signal }) => ask(input as string, signal), {
        name,
        input: prompt, // what a fixture holds against the recording
        usage: (answer) => answer.usage,
      })
      return value.text
    }
    const draft = await turn('draft', `Write about ${topic}.`)
    await session.runTool('save', () => ({ saved: draft.length }), { args: { topic } })
    return turn('polish', `Make this shorter: ${draft}`)
  })
}
