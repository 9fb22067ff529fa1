import { isDeepStrictEqual } from 'node:util'
import { createAgentRuntime, replay, type AgentRuntime, type MemoryLog, type ToolSpec } from 'redux-agent-runtime'
import { createManualClock, type ManualClock } from 'redux-agent-runtime/testing'
import { inTime, sleep } from './support/inTime.js'
import { runAsProgram, type Options } from './support/program.js'
import { createPrinter, createPrinterSink, type Printer } from './tiny-agent/printer.js'

/** A travel agent that looks for several things at once: how many at a time, what a failure does, what each call may do. Offline. */
export async function main({ write, color = false }: Options): Promise<AgentRuntime<MemoryLog>> {
  const clock = createManualClock()
  const print = createPrinter(write, color)
  print.title('A travel agent with many tools, offline: the tools are scripted')

  const runtime = createAgentRuntime({ clock, sinks: [createPrinterSink(print, clock.now())] })
  const agent = runtime.orchestrator({
    role: 'agent',
    phase: 'search',
    toolTimeoutMs: 5_000,
    permissions: { roles: { agent: { mode: 'read_only' } }, tools: { book: 'full_access' } },
  })
  const search = createSearches(clock, print)

  await agent.session(async (session) => {
    print.step(1, 'Three searches, two at a time: the results come in the order asked for')
    const searches = [search('trains', 900), search('hotels', 300), search('weather', 400)]
    for (const found of await inTime(clock, session.runTools(searches, { concurrency: 2 }))) print.quote(found)

    print.step(2, 'One fails: the others are aborted, and its error is thrown')
    const doomed = [search('trains', 900), search('flights', 200, 'no such airport'), search('hotels', 700)]
    const error: unknown = await inTime(clock, session.runTools(doomed)).catch((thrown: unknown) => thrown)
    print.note(String(error))

    print.step(3, 'Every outcome is asked for: each call is allowed, timed and recorded on its own')
    const mixed = [search('weather', 200), search('book', 100), { ...search('ferries', 60_000), timeoutMs: 1_000 }]
    const outcomes = await inTime(clock, session.runTools(mixed, { settle: 'all' }))
    for (const [index, outcome] of outcomes.entries()) {
      const told = outcome.status === 'fulfilled' ? `“${outcome.value}”` : String(outcome.reason)
      print.note(`${(mixed[index]?.name ?? '').padEnd(8)} ${told}`)
    }

    const { started, completed, failed, cancelled, blocked } = session.summary().tools
    print.step(4, 'What the log knows of it')
    print.note(
      `${started} started: ${completed} completed, ${failed} failed, ${cancelled} cancelled; ${blocked} blocked`,
    )
  })

  const log = runtime.log.facts()
  const replayed = isDeepStrictEqual(replay(log), runtime.getState()) ? 'the state' : 'another state than'
  print.note(`${log.length} facts, replayed, give ${replayed} the runtime is in`)
  return runtime
}

/** Makes tools that take their time, and stop when they are told to. */
function createSearches(clock: ManualClock, print: Printer) {
  return (name: string, tookMs: number, failure?: string): ToolSpec<string> => ({
    name,
    async run({ signal }) {
      signal.addEventListener('abort', () => print.note(`        ${name} was told to stop`))
      await sleep(clock, tookMs, signal)
      if (failure !== undefined) throw new Error(failure)
      return `${name}, found in ${tookMs} ms`
    },
  })
}

await runAsProgram(import.meta.url, main)
