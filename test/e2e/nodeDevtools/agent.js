import { createAgentRuntime } from 'redux-agent-runtime'
import { connectDevTools } from 'redux-agent-runtime/devtools'

// An agent as a user runs it, from the built package. Whoever started it tells it what to do, and hears what its store shows.
const runtime = createAgentRuntime({
  enhancers: [connectDevTools({ port: Number(process.argv[2]), name: 'the agent' })],
  onWarning: ({ code }) => process.send({ warning: code }),
})
const session = await runtime.orchestrator({ role: 'writer', phase: 'draft', model: 'scripted' }).open()
let modelCalls = 0

const look = () => ({
  seq: runtime.getState().seq,
  turns: runtime.select.totals().turns,
  isLive: runtime.isLive(),
  modelCalls,
})
const tell = () => process.send({ look: look() })

const commands = {
  turn: () => session.runTurn(() => `answer ${(modelCalls += 1)}`, { usage: { inputTokens: 10 } }).then(tell),
  goLive: () => runtime.goLive(),
  end: () => process.disconnect(),
}

process.on('message', (command) => void commands[command]())
runtime.subscribe(tell)
tell()
