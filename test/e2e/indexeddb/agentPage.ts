import { openAgentRuntime } from 'redux-agent-runtime'
import { openIndexedDbLog } from 'redux-agent-runtime/indexeddb'

declare global {
  interface Window {
    /** The test's. */
    callModel(prompt: string): Promise<string>
  }
}

const runtime = await openAgentRuntime({ log: await openIndexedDbLog('runs'), record: { results: 'json' } })
runtime.registerPricing('m', { inputPerMillion: 3, outputPerMillion: 15 })
const writer = runtime.orchestrator({ role: 'writer', phase: 'draft', model: 'm' })

const essay = await writer.session(
  async (session) => {
    const ask = async (prompt: string): Promise<string> => {
      const call = () => window.callModel(prompt)
      const { value } = await session.runTurn(call, { name: prompt, input: prompt, usage: { inputTokens: 1e6 } })
      return value
    }
    return [await ask('outline'), await ask('essay')].join(', ')
  },
  { threadId: 'essay' },
)
document.body.append(`${essay} for ${runtime.select.totals().formattedCost}`)
