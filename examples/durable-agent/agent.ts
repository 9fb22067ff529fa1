import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { OutcomeUnknownError, type AgentSession } from 'redux-agent-runtime'
import type { World } from './world.js'

export interface AgentTools {
  readonly world: World
  /** Hears of what was answered without a call. */
  readonly tellRecorded: (what: string) => void
  /** Hears of what else there is to say. */
  readonly note: (text: string) => void
  /** Where the report goes. */
  readonly outbox: string
}

const SOURCES: Readonly<Record<string, string>> = {
  moon: 'The moon pulls at the sea.',
  sun: 'The sun pulls too, half as hard.',
  coast: 'Bays and straits make it more or less.',
}

/** Plans a report, looks things up at the same time, writes, has it checked, publishes it: three turns and four tool calls. */
export async function writeReport(session: AgentSession, tools: AgentTools): Promise<string> {
  const topics = await ask(session, tools, 'plan', 'What makes the tides?', () => Object.keys(SOURCES))
  const notes = await Promise.all(topics.map((topic) => search(session, tools, topic)))
  const draft = await ask(session, tools, 'draft', notes, () => notes.join(' '))
  const verdict = await ask(session, tools, 'check', draft, () => 'fit to print')
  await publish(session, tools, `${draft}\n${verdict} on ${new Date(session.now()).toISOString()}`)
  return draft
}

async function ask<T>(
  session: AgentSession,
  tools: AgentTools,
  name: string,
  input: unknown,
  answer: () => T,
): Promise<T> {
  const what = `turn ${name}`
  const { value } = await session.runTurn(({ signal }) => tools.world.call(what, signal, answer), {
    name,
    input,
    usage: (text) => ({ inputTokens: 400, outputTokens: 10 * JSON.stringify(text).length }),
  })
  if (!tools.world.called.has(what)) tools.tellRecorded(what)
  return value
}

/** Looks something up: who does not know whether that was done does it again. */
async function search(session: AgentSession, tools: AgentTools, topic: string): Promise<string> {
  const what = `tool search ${topic}`
  const find = (): string => SOURCES[topic] ?? 'Nothing is known.'
  const found = await session.runTool('search', ({ signal }) => tools.world.call(what, signal, find), {
    args: { topic },
    idempotent: true,
  })
  if (!tools.world.called.has(what)) tools.tellRecorded(what)
  return found
}

/** Nothing is published twice: who does not know whether it was done looks first. */
async function publish(session: AgentSession, { world, note, outbox }: AgentTools, report: string): Promise<void> {
  const send = (): Promise<void> => writeFile(outbox, `${report}\n`)
  try {
    await session.runTool('publish', ({ signal }) => world.call('tool publish', signal, send), { args: { report } })
  } catch (error) {
    if (!(error instanceof OutcomeUnknownError)) throw error
    const isDone = existsSync(outbox)
    note(`nobody knows what tool publish did: the report is ${isDone ? 'there' : 'not there, so it is called again'}`)
    await (isDone ? error.resolve(undefined) : error.retry())
  }
}
