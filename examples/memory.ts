import { isDeepStrictEqual } from 'node:util'
import {
  createAgentRuntime,
  createConversationMemory,
  createMemoryCheckpoints,
  readProviderUsage,
  type AgentRuntime,
  type AgentSession,
  type ChatMessage,
  type ConversationMemory,
  type MemoryLog,
} from 'redux-agent-runtime'
import { createManualClock } from 'redux-agent-runtime/testing'
import { runAsProgram, type Options } from './support/program.js'
import { createScriptedModel, type ScriptedModel } from './support/scriptedModel.js'
import { prices } from './tiny-agent/prices.js'
import { createPrinter } from './tiny-agent/printer.js'

const TASKS = ['sow', 'water', 'thin', 'harvest', 'store']
const CROPS = ['beans', 'carrots', 'leeks', 'onions', 'peas', 'radishes', 'spinach', 'squash']
const QUESTIONS = CROPS.flatMap((crop) => TASKS.map((task) => `When do I ${task} the ${crop}?`))

/** A compacted conversation begins with these instructions, however long it gets: they are of the system. */
const INSTRUCTIONS: ChatMessage = { role: 'system', content: 'You know gardens. Answer in one sentence.' }

const compacted = { strategy: { kind: 'token_budget', maxTokens: 120 }, keepNewest: true } as const

/** Forty questions, of which the model only ever sees as many as fit into a number of tokens. */
export async function main({ write, color = false }: Options): Promise<AgentRuntime<MemoryLog>> {
  const clock = createManualClock()
  const gardener = createScriptedModel('scripted-small', answer, () => clock.advance(300))
  const print = createPrinter(write, color)
  print.title('A long chat with a gardener, offline: the model is scripted')

  const runtime = createAgentRuntime({ clock })
  runtime.registerPricing(prices)
  const chat = runtime.orchestrator({ role: 'gardener', phase: 'chat', model: gardener.name, maxIterations: 100 })
  const memory = createConversationMemory({ ...compacted, messages: [INSTRUCTIONS] })
  const everything: ChatMessage[] = []

  print.step(1, `${QUESTIONS.length} questions, and a memory of ${compacted.strategy.maxTokens} tokens`)
  await chat.session(async (session) => {
    for (const [index, question] of QUESTIONS.entries()) {
      const { said, inputTokens } = await ask(session, gardener, memory, question)
      everything.push(...said)
      if (![1, 2, 5, 10, 20, 40].includes(index + 1)) continue
      const counts = `${everything.length} said, ${memory.size} kept`
      print.note(`question ${index + 1}:`.padEnd(14) + `${counts}, ${inputTokens} tokens in`)
    }
  })

  print.step(2, 'What is kept')
  for (const { role, content } of memory.messages()) print.note(`${role.padEnd(10)} ${content}`)

  print.step(3, 'It is kept as JSON, and taken up by another session')
  const checkpoints = createMemoryCheckpoints({ clock })
  const { id } = await checkpoints.put('user-42:garden', { messages: memory.messages() })
  const saved = await checkpoints.get('user-42:garden')
  const restored = createConversationMemory({ ...compacted, messages: saved?.state['messages'] as ChatMessage[] })
  const same = isDeepStrictEqual(restored.messages(), memory.messages()) ? 'the same' : 'other'
  print.note(`${id} holds ${same} messages`)
  const { said } = await chat.session((session) => ask(session, gardener, restored, 'When do I sow the beans?'))
  for (const { role, content } of said) print.note(`${role.padEnd(10)} ${content}`)

  print.step(4, `All of it cost ${runtime.select.totals().formattedCost}`)
  const log = JSON.stringify(runtime.log.facts())
  const leaked = [...everything, ...said].filter(({ content }) => log.includes(content))
  print.note(`${runtime.log.facts().length} facts, ${leaked.length} of the messages in them`)
  return runtime
}

/** One turn of the chat. What is said is remembered when the model has answered. */
async function ask(
  session: AgentSession,
  model: ScriptedModel,
  memory: ConversationMemory<ChatMessage>,
  content: string,
) {
  const question: ChatMessage = { role: 'user', content }
  const { value, usage } = await session.runTurn(
    (call) => model.complete(call, promptOf([...memory.messages(), question])),
    { usage: readProviderUsage },
  )
  const said: ChatMessage[] = [question, { role: 'assistant', content: value.text }]
  for (const message of said) memory.add(message)
  return { said, inputTokens: usage.inputTokens }
}

function promptOf(messages: readonly ChatMessage[]): string {
  return messages.map(({ role, content }) => `${role}: ${content}`).join('\n')
}

/** Reads the last question of the prompt. */
function answer(prompt: string): string {
  const [, task = '', crop = ''] = /When do I (\w+) the (\w+)\?$/.exec(prompt) ?? []
  const week = 10 + 3 * TASKS.indexOf(task) + CROPS.indexOf(crop)
  return `In week ${week}: ${task} the ${crop} on a dry day.`
}

await runAsProgram(import.meta.url, main)
