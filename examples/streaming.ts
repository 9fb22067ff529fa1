import { isDeepStrictEqual } from 'node:util'
import {
  createAgentRuntime,
  facts,
  formatCost,
  replay,
  type AgentRuntime,
  type AgentSession,
  type MemoryLog,
  type StreamEvent,
  type StreamOptions,
} from 'redux-agent-runtime'
import { createManualClock } from 'redux-agent-runtime/testing'
import { inTime } from './support/inTime.js'
import { runAsProgram, type Options } from './support/program.js'
import { createStreamingModel, type Chunk } from './support/streamingModel.js'
import { prices } from './tiny-agent/prices.js'
import { createPrinter, createPrinterSink } from './tiny-agent/printer.js'

type AskOptions = Pick<StreamOptions<Chunk>, 'idempotencyKey' | 'timeoutMs'>

const THREAD = { threadId: 'user-42:tides' }

/** A guide whose answers are read as they come: to the end, not to the end, after a stall, and once more for nothing. Offline. */
export async function main({ write, color = false }: Options): Promise<AgentRuntime<MemoryLog>> {
  const clock = createManualClock()
  const print = createPrinter(write, color)
  const model = createStreamingModel('scripted-small', clock, (told) => print.note(`        the model ${told}`))
  print.title('A guide that streams, offline: the model is scripted')

  const runtime = createAgentRuntime({ clock, sinks: [createPrinterSink(print, clock.now())] })
  runtime.registerPricing(prices)
  const guide = runtime.orchestrator({
    role: 'guide',
    phase: 'answer',
    model: model.name,
    budgetUsd: 0.05,
    enforceBudget: true,
    recovery: { mode: 'execute', backoff: { baseMs: 1_000, jitter: 'none' } },
  })

  /** Asks, and shows what comes. Leaves after so many events. */
  const ask = async (session: AgentSession, question: string, options: AskOptions, count = Infinity) => {
    const stream = session.runTurnStream((call) => model.stream(call, question), {
      text: ({ text }) => text,
      usage: ({ usage }) => usage,
      input: question,
      ...options,
    })
    let events = 0
    for await (const event of stream) {
      print.note(`${((clock.now() / 1_000).toFixed(1) + 's').padStart(6)}  ${describe(event)}`)
      if (++events === count) break
    }
  }

  await guide.session(async (session) => {
    print.step(1, 'The answer is read as it comes')
    await inTime(clock, ask(session, 'What makes the tides?', { idempotencyKey: 'tides' }))

    print.step(2, 'Its reader has seen enough: the model stops, and what it used until then is paid for')
    await inTime(clock, ask(session, 'What makes the waves?', {}, 2))
    const { turns, usage } = session.summary()
    print.note(`${turns.cancelled} turn was cancelled, ${usage.outputTokens} tokens came out of both`)

    print.step(3, 'It stalls: the next attempt starts the text afresh')
    await inTime(clock, ask(session, 'Why is the sea salty?', { timeoutMs: { totalMs: 60_000, chunkMs: 5_000 } }))
  }, THREAD)

  print.step(4, 'The first question again, in another session: its key has the answer')
  const { costUsd } = runtime.select.totals()
  await guide.session(async (session) => {
    await inTime(clock, ask(session, 'What makes the tides?', { idempotencyKey: 'tides' }))
    const again = formatCost(runtime.select.totals().costUsd - costUsd)
    print.note(`it cost ${again}, and counts for this session’s budget: ${session.summary().usage.formattedCost}`)
  }, THREAD)

  print.step(5, `All of it cost ${runtime.select.totals().formattedCost}, and left these facts`)
  const log = runtime.log.facts()
  for (const type of log.filter((fact) => fact.meta.stream === THREAD.threadId).map((fact) => fact.type))
    print.note(type)
  const kept = log.filter(facts.turnKept.match).length
  const replayed = isDeepStrictEqual(replay(log), runtime.getState()) ? 'the state' : 'another state than'
  print.note(`${log.length} facts, ${kept} with text, replayed, give ${replayed} the runtime is in`)
  return runtime
}

function describe(event: StreamEvent<Chunk>): string {
  switch (event.type) {
    case 'text_delta':
      return `“${event.delta}”${event.chunk ? '' : ', all at once'}`
    case 'restart':
      return `attempt ${event.attempt}: forget the text so far`
    case 'error':
      return `${event.errorType}: ${event.message}`
    case 'final':
      return event.status === 'completed'
        ? `final: ${event.text.length} characters, ${event.usage.outputTokens} tokens out`
        : `final: ${event.detail}`
  }
}

await runAsProgram(import.meta.url, main)
