import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  diff,
  facts,
  fork,
  openAgentRuntime,
  readProviderUsage,
  type AgentSession,
  type Fact,
  type RunDiff,
} from 'redux-agent-runtime'
import { openJsonlLog } from 'redux-agent-runtime/jsonl'
import { createManualClock, type ManualClock } from 'redux-agent-runtime/testing'
import { runAsProgram, type Options } from './support/program.js'
import { createScriptedModel, type ScriptedModel } from './support/scriptedModel.js'
import { prices } from './tiny-agent/prices.js'
import { createPrinter, type Printer } from './tiny-agent/printer.js'

const THREAD = 'customer-17'
const COPY = 'customer-17/bold'

const LINES: Readonly<Record<string, string>> = {
  outline: 'An apology, a reason, an offer',
  draft: 'Dear customer, your parcel is late. A bridge was closed. We send it again.',
  calm: 'Dear customer, we are sorry: a bridge was closed. Your parcel is on its way once more.',
  bold: 'Dear customer, we got it wrong, and we pay for it: your next parcel is free.',
}

/** A letter is written; then once more from its draft on, in another voice. Only what is new is paid for. Offline. */
export async function main({ write, color = false }: Options): Promise<readonly Fact[]> {
  const folder = await mkdtemp(join(tmpdir(), 'fork-and-diff-'))
  try {
    return await tell(join(folder, 'letters.jsonl'), createPrinter(write, color))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function tell(path: string, print: Printer): Promise<readonly Fact[]> {
  const clock = createManualClock()
  const model = createScriptedModel('scripted-small', answer, () => clock.advance(800))
  print.title('A letter and its fork, offline: the model is scripted')

  print.step(1, 'The letter is written, in three turns')
  const first = await run({ path, clock, print, model }, THREAD, 'calm')

  print.step(2, 'The thread is forked after its second turn')
  const at = answerOf(await readFacts(path), 2)
  const log = await openJsonlLog(path)
  const copy = await fork(log, { threadId: THREAD, at, as: COPY, clock })
  await log.close()
  print.note(`${copy.facts} facts up to fact ${at} are now those of ${copy.threadId} too`)

  print.step(3, 'It runs on with another prompt')
  const second = await run({ path, clock, print, model }, COPY, 'bold')
  print.note(`the letter had cost $${first.toFixed(6)}; the second one took $${(second - first).toFixed(6)} more`)

  print.step(4, 'What is different')
  const recorded = await readFacts(path)
  printDiff(print, await diff(recorded, recorded, { a: { threadId: THREAD }, b: { threadId: COPY } }))
  return recorded
}

interface Parts {
  readonly path: string
  readonly clock: ManualClock
  readonly print: Printer
  readonly model: ScriptedModel
}

/** Resolves to what everything in the log has cost. */
async function run({ path, clock, print, model }: Parts, threadId: string, voice: string): Promise<number> {
  await using runtime = await openAgentRuntime({ log: await openJsonlLog(path), clock, record: { results: 'json' } })
  runtime.registerPricing(prices)
  const writer = runtime.orchestrator({ role: 'writer', phase: 'letter', model: model.name })
  print.quote(await writer.session((session) => writeLetter(session, model, print, voice), { threadId }))
  return runtime.select.totals().costUsd
}

async function readFacts(path: string): Promise<readonly Fact[]> {
  const log = await openJsonlLog(path, { readOnly: true })
  const read: Fact[] = []
  for await (const fact of log.read()) read.push(fact)
  await log.close()
  return read
}

async function writeLetter(
  session: AgentSession,
  model: ScriptedModel,
  print: Printer,
  voice: string,
): Promise<string> {
  const ask = async (name: string, prompt: string): Promise<string> => {
    let how = 'from the log'
    const { value } = await session.runTurn(
      (call) => {
        how = 'called'
        return model.complete(call, prompt)
      },
      { name, input: prompt, usage: readProviderUsage },
    )
    print.note(`${name.padEnd(8)} ${how}`)
    return value.text
  }
  const outline = await ask('outline', 'outline: what belongs into a letter about a late parcel?')
  const draft = await ask('draft', `draft: ${outline}`)
  return ask('polish', `${voice}: ${draft}`)
}

/** Reads the first word of the prompt. */
function answer(prompt: string): string {
  return LINES[prompt.split(':')[0] ?? ''] ?? ''
}

/** The number of the fact that has the answer of a turn, from 1. */
function answerOf(recorded: readonly Fact[], turn: number): number {
  const answered = recorded.filter(facts.callAnswered.match)
  return answered[turn - 1]?.meta.seq ?? 0
}

function printDiff(print: Printer, { firstDivergence, facts: aligned, cost, outcome }: RunDiff): void {
  print.note(`they part at fact ${firstDivergence?.a?.seq ?? ''}: ${firstDivergence?.path ?? ''}`)
  for (const { kind, a, b, changes = [] } of aligned) {
    if (kind === 'same') continue
    print.note(`${kind.padEnd(7)}  ${(a ?? b)?.fact.type ?? ''}`)
    for (const change of changes) {
      print.note(`  ${change.path}`)
      print.note(`    a: ${JSON.stringify(change.a)}`)
      print.note(`    b: ${JSON.stringify(change.b)}`)
    }
  }
  const same = aligned.filter(({ kind }) => kind === 'same').length
  print.note(`${same} of ${aligned.length} facts are the same; ${outcome.a.turns} turns in a, ${outcome.b.turns} in b`)
  print.note(`b came to $${Math.abs(cost.differenceUsd).toFixed(6)} ${cost.differenceUsd < 0 ? 'less' : 'more'} than a`)
}

await runAsProgram(import.meta.url, main)
