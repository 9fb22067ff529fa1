import { existsSync, realpathSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { isDeepStrictEqual } from 'node:util'
import pc from 'picocolors'
import {
  CircuitOpenError,
  createAgentRuntime,
  createSystemClock,
  formatCost,
  PermissionDeniedError,
  readProviderUsage,
  replay,
  type AgentRuntime,
  type MemoryLog,
} from 'redux-agent-runtime'
import { createManualClock } from 'redux-agent-runtime/testing'
import { openAiModels, type Env } from './tiny-agent/openai.js'
import { Outage, ProviderDownError } from './tiny-agent/outage.js'
import { prices } from './tiny-agent/prices.js'
import { createPrinter, createPrinterSink } from './tiny-agent/printer.js'
import { printReport } from './tiny-agent/report.js'
import { scriptedModels } from './tiny-agent/scripted.js'
import { grade, lookUpTerm, publish } from './tiny-agent/tools.js'

export interface Options {
  /** With an `OPENAI_API_KEY` the turns go through a real provider, in real time. */
  readonly env: Env
  /** Takes one line of output. */
  readonly write: (line: string) => void
  /** Default false. */
  readonly color?: boolean
}

/** A writer drafts, an editor publishes: seven steps, and what the log tells of them afterwards. */
export async function main({ env, write, color = false }: Options): Promise<AgentRuntime<MemoryLog>> {
  const live = Boolean(env.OPENAI_API_KEY)
  // Offline, time stands still until somebody moves it: half a minute passes at once.
  const manual = live ? undefined : createManualClock()
  const clock = manual ?? createSystemClock()
  const pass = (ms: number): Promise<void> => (manual ? manual.advance(ms) : sleep(ms))
  const { drafting, editing } = live ? openAiModels(env) : scriptedModels(pass)

  const print = createPrinter(write, color)
  print.title(`A writer and an editor, ${live ? `on ${drafting.name}` : 'offline: the models are scripted'}`)

  const runtime = createAgentRuntime({
    clock,
    sinks: [createPrinterSink(print, clock.now())],
    onWarning: ({ message }) => print.note(message),
  })
  runtime.registerPricing(prices)

  const writer = runtime.orchestrator({
    role: 'writer',
    phase: 'draft',
    model: drafting.name,
    turnTimeoutMs: 60_000,
    budgetUsd: 0.1,
    enforceBudget: true,
    circuitBreaker: { name: 'model-api', failureThreshold: 3, recoveryTimeoutMs: live ? 200 : 30_000 },
    permissions: { roles: { writer: { mode: 'read_only' } }, tools: { publish: 'full_access' } },
    qualityGate: 'standard',
    policy: [
      {
        name: 'a good draft goes to review',
        condition: { type: 'and', conditions: [{ type: 'gatePassed' }, { type: 'phaseCompleted' }] },
        actions: [{ action: 'advance_phase', params: { to: 'review' } }],
      },
    ],
    handoffTargets: ['editor'],
    // Recoveries are only written down here, and there is no second provider to switch to.
    recovery: { steps: { switch_provider: () => false } },
  })
  const editor = runtime.orchestrator({ role: 'editor', phase: 'review', model: editing.name, turnTimeoutMs: 60_000 })

  const handoff = await writer.session(async (session) => {
    print.step(1, 'The writer drafts under an enforced budget')
    const { value: draft } = await session.runTurn(
      (call) => drafting.complete(call, 'Say in two sentences what an event log is good for.'),
      { usage: readProviderUsage },
    )
    print.quote(draft.text)
    print.note(`${formatCost(session.summary().budget?.remainingUsd ?? 0)} of the budget is left`)

    print.step(2, 'It is refused one tool and uses another')
    const publishing = session.runTool('publish', () => publish(draft.text))
    print.note((await refusal(PermissionDeniedError, publishing)).message)
    const term = await session.runTool('lookUpTerm', () => lookUpTerm('event log'))

    print.step(3, 'It trips a circuit breaker, and a probe closes it again')
    print.note('the outage is scripted, with a real provider too: nobody breaks one on purpose')
    const outage = new Outage()
    const failing = { model: 'scripted-outage' }
    for (let n = 1; n <= 3; n += 1) await refusal(ProviderDownError, session.runTurn(outage.call, failing))
    const { message, retryAt } = await refusal(CircuitOpenError, session.runTurn(outage.call, failing))
    print.note(`${message}: 4 turns, ${outage.calls} calls`)
    await pass(Math.max(0, (retryAt ?? 0) - clock.now()))
    print.note(`time passes, and it is ${runtime.select.breaker('model-api').state}`)
    const { value: revised } = await session.runTurn(
      (call) => drafting.complete(call, `Work this in: "${term}".\n\n${draft.text}`),
      { usage: readProviderUsage },
    )
    print.note(`the probe was answered, and it is ${runtime.select.breaker('model-api').state}`)

    print.step(4, 'The draft passes a quality gate')
    session.evaluateGate(grade(revised.text))

    print.step(5, 'A policy decides what comes next')
    const actions = session.evaluatePolicy({ phaseCompleted: true }).map(({ action }) => action)
    print.note(`it says ${actions.join(', ') || 'nothing'}`)
    if (!actions.includes('advance_phase')) throw new Error('the draft is not good enough for an editor')

    print.step(6, 'The writer hands off, and the editor picks it up')
    return session.handoffTo('editor', { reason: 'ready for review', context: { draft: revised.text } })
  })

  await editor.session(
    async (session) => {
      const draft = session.handoff?.context['draft'] as string
      const { value: text } = await session.runTurn((call) => editing.stream(call, `Tighten this: ${draft}`))
      print.quote(text)
      await session.runTool('publish', () => publish(text))
    },
    { handoff },
  )

  print.step(7, `All of it cost ${runtime.select.totals().formattedCost}`)
  const log = runtime.log.facts()
  printReport(print, log)
  const replayed = isDeepStrictEqual(replay(log), runtime.getState()) ? 'the state' : 'another state than'
  print.note(`${log.length} facts, replayed, give ${replayed} the runtime is in`)
  return runtime
}

/** The error that the call ends with, if it is one of this class. Any other goes on. */
async function refusal<E extends Error>(kind: new (...args: never[]) => E, call: Promise<unknown>): Promise<E> {
  try {
    await call
  } catch (error) {
    if (error instanceof kind) return error
    throw error
  }
  throw new Error(`expected ${kind.name}`)
}

const [, script = ''] = process.argv
if (existsSync(script) && realpathSync(script) === fileURLToPath(import.meta.url)) {
  await main({ env: process.env, write: (line) => console.log(line), color: pc.isColorSupported }).catch(
    (error: unknown) => {
      console.error(String(error))
      process.exitCode = 1
    },
  )
}
