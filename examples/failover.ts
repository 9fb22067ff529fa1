import { existsSync, realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { isDeepStrictEqual } from 'node:util'
import pc from 'picocolors'
import { createAgentRuntime, replay, type AgentRuntime, type MemoryLog } from 'redux-agent-runtime'
import { createManualClock, type ManualClock } from 'redux-agent-runtime/testing'
import { printAttempts } from './failover/report.js'
import { scriptedProviders } from './failover/script.js'
import { createPrinter, createPrinterSink } from './tiny-agent/printer.js'

export interface Options {
  /** Takes one line of output. */
  readonly write: (line: string) => void
  /** Default false. */
  readonly color?: boolean
}

const MESSAGES = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun', 'today']

/** A support agent whose providers fail in all the usual ways, and what is done about it. Offline. */
export async function main({ write, color = false }: Options): Promise<AgentRuntime<MemoryLog>> {
  const clock = createManualClock()
  const print = createPrinter(write, color)
  const providers = scriptedProviders()
  print.title('A support agent and two providers that fail, offline: the providers are scripted')

  const runtime = createAgentRuntime({ clock, seed: 1, sinks: [createPrinterSink(print, clock.now())] })
  runtime.registerPricing({
    'north-large': { inputPerMillion: 3, outputPerMillion: 15 },
    'south-small': { inputPerMillion: 0.5, outputPerMillion: 2 },
  })

  const support = runtime.orchestrator({
    role: 'support',
    phase: 'answer',
    turnTimeoutMs: 30_000,
    providers: { name: 'models', kind: 'static', providers: providers.map(({ name }) => name) },
    rateLimit: { name: 'models', requests: { capacity: 10, refillPerSecond: 0.1 } },
    recovery: {
      mode: 'execute',
      recipes: {
        // Another provider is there at once: nobody needs to wait first.
        provider_failure: { steps: ['switch_provider'] },
        llm_error: { steps: ['retry_with_backoff'] },
      },
    },
  })

  await support.session(async (session) => {
    const named = (name: string | null) => providers.find((provider) => provider.name === name) ?? providers[0]
    const ask = async (messages = MESSAGES.slice(-3)): Promise<string> => {
      const { value } = await session.runTurn(
        (call) => {
          const kept = Math.floor(messages.length * call.contextScale)
          return named(call.provider).complete(call, messages.slice(-kept))
        },
        { model: (provider) => named(provider).model },
      )
      return value
    }

    print.step(1, 'All is well: the first provider answers')
    print.quote(await inTime(clock, ask()))

    print.step(2, 'It is down: the router switches to the second')
    print.quote(await inTime(clock, ask()))

    print.step(3, 'It is busy, and asks for three seconds')
    print.quote(await inTime(clock, ask()))

    print.step(4, 'The context is too long: less of it is sent')
    print.quote(await inTime(clock, ask(MESSAGES)))

    print.step(5, 'It does not answer, and a person is asked')
    const stuck = ask()
    while (session.status === 'running') await clock.advance(1_000)
    print.note(session.pendingRequests.map((request) => 'prompt' in request && request.prompt).join())
    session.provideInput('retry')
    print.quote(await inTime(clock, stuck))

    print.step(6, 'Three calls at once: the rate limit lets them go one by one')
    for (const text of await inTime(clock, Promise.all([ask(), ask(), ask()]))) print.quote(text)
  })

  print.step(7, `All of it cost ${runtime.select.totals().formattedCost}`)
  const log = runtime.log.facts()
  printAttempts(print, log)
  const replayed = isDeepStrictEqual(replay(log), runtime.getState()) ? 'the state' : 'another state than'
  print.note(`${log.length} facts, replayed, give ${replayed} the runtime is in`)
  return runtime
}

/** Lets time go by until the work is done. */
async function inTime<T>(clock: ManualClock, work: Promise<T>): Promise<T> {
  const progress = { isDone: false }
  const done = (): void => void (progress.isDone = true)
  work.then(done, done)
  await clock.advance(0)
  while (!progress.isDone) await clock.advance(1_000)
  return work
}

const [, script = ''] = process.argv
if (existsSync(script) && realpathSync(script) === fileURLToPath(import.meta.url)) {
  await main({ write: (line) => console.log(line), color: pc.isColorSupported }).catch((error: unknown) => {
    console.error(String(error))
    process.exitCode = 1
  })
}
