import {
  createAgentRuntime,
  OutputInvalidError,
  readProviderUsage,
  runTypedTurn,
  schemaOutput,
  type AgentRuntime,
  type AgentSession,
  type MemoryLog,
  type TurnRepair,
} from 'redux-agent-runtime'
import { createManualClock } from 'redux-agent-runtime/testing'
import { z } from 'zod'
import { runAsProgram, type Options } from './support/program.js'
import { createScriptedModel, type ScriptedModel } from './support/scriptedModel.js'
import { prices } from './tiny-agent/prices.js'
import { createPrinter, createPrinterSink, type Printer } from './tiny-agent/printer.js'

/** A schema of zod, valibot, arktype or any other library that speaks Standard Schema. */
const report = schemaOutput(
  z.object({
    title: z.string(),
    severity: z.enum(['low', 'medium', 'high']),
    affects: z.array(z.string()).min(1),
  }),
  { name: 'report' },
)

const TASK =
  'Make a report of this as JSON with title, severity and affects: "Since Monday the export hangs, and so does the import!"'

/** A clerk turns a complaint into a record. What the model gets wrong, it is told, and may answer once more. */
export async function main({ write, color = false }: Options): Promise<AgentRuntime<MemoryLog>> {
  const clock = createManualClock()
  const think = (): Promise<void> => clock.advance(800)
  const attentive = createScriptedModel('scripted-small', answerAttentively, think)
  const stubborn = createScriptedModel('scripted-large', () => 'The export hangs. That is bad!', think)

  const print = createPrinter(write, color)
  print.title('A clerk that writes reports, offline: the models are scripted')
  const runtime = createAgentRuntime({ clock, sinks: [createPrinterSink(print, clock.now())] })
  runtime.registerPricing(prices)
  const clerk = runtime.orchestrator({ role: 'clerk', phase: 'intake', budgetUsd: 0.05, enforceBudget: true })

  await clerk.session(async (session) => {
    print.step(1, 'An answer that does not fit is repaired')
    const { output, repairs, usage } = await ask(session, attentive, print)
    print.note(`repairs: ${repairs}, tokens out of both turns: ${usage.outputTokens}`)

    print.step(2, 'What comes out is typed')
    print.note(`${output.severity.toUpperCase()}  ${output.title}  (${output.affects.join(' and ')})`)

    print.step(3, 'A model that does not listen is given up, and what it said is not lost')
    const error = await ask(session, stubborn, print).catch((thrown: unknown) => thrown)
    if (!(error instanceof OutputInvalidError)) throw error
    print.note(error.message)
    const { turnId, value } = error.result as { turnId: string; value: { text: string } }
    print.note(`paid for, and on the error: ${turnId}, “${value.text}”`)
  })

  const { turns, formattedCost } = runtime.select.totals()
  print.step(4, `All of it cost ${formattedCost} in ${turns} turns`)
  return runtime
}

function ask(session: AgentSession, model: ScriptedModel, print: Printer) {
  return runTypedTurn(
    session,
    async (call, repair) => {
      for (const issue of repair?.issues ?? []) print.note(`it is told: ${issue}`)
      const completion = await model.complete(call, repair ? mend(repair) : TASK)
      print.quote(completion.text)
      return completion
    },
    { model: model.name, output: report, read: ({ text }) => text, usage: readProviderUsage },
  )
}

function mend({ previous, issues }: TurnRepair): string {
  return `${TASK}\n\nYou answered:\n${previous}\n\nWrong with it is:\n${issues.join('\n')}\n\nAnswer with the JSON alone.`
}

/** Gets it right when it is told what was wrong. */
function answerAttentively(prompt: string): string {
  return prompt.includes('severity: ') && prompt.includes('affects: ')
    ? '{"title":"Export and import hang","severity":"high","affects":["export","import"]}'
    : '{"title":"Export and import hang","severity":"urgent","affects":"export, import"}'
}

await runAsProgram(import.meta.url, main)
