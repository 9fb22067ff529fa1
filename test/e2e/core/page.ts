import { createAgentRuntime } from 'redux-agent-runtime'

const runtime = createAgentRuntime()
runtime.registerPricing('m', { inputPerMillion: 3, outputPerMillion: 15 })
const writer = runtime.orchestrator({ role: 'writer', phase: 'draft', model: 'm' })

document.body.append(
  await writer.session(async (session) => {
    const { value } = await session.runTurn(() => 'a draft', { usage: { inputTokens: 1e6 } })
    return `${value} for $${session.summary().usage.costUsd}`
  }),
)
