import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { openAgentRuntime } from 'redux-agent-runtime'
import { openJsonlLog } from 'redux-agent-runtime/jsonl'
import { writeReport } from './durable-agent/agent.js'
import { createWorld } from './durable-agent/world.js'
import { runAsProgram, type Options } from './support/program.js'
import { prices } from './tiny-agent/prices.js'
import { createPrinter, type Printer } from './tiny-agent/printer.js'

export interface DurableAgentOptions extends Options {
  /** Of the command line. Default: none. */
  readonly args?: readonly string[]
}

/**
 * An agent on a durable log, offline: kill it, run it again.
 *
 *     npx tsx examples/durable-agent.ts agent.jsonl --slow 1000   takes a second for each call
 *     npx tsx examples/durable-agent.ts agent.jsonl --kill-at 5   kills its process in the middle of its fifth call
 *     npx tsx examples/durable-agent.ts                           does all of that by itself, in a temporary folder
 */
export async function main({ write, color = false, args = [] }: DurableAgentOptions): Promise<void> {
  const print = createPrinter(write, color)
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { slow: { type: 'string' }, 'kill-at': { type: 'string' } },
  })
  const [path] = positionals
  if (path === undefined) return demonstrate(print, write)
  const killAt = values['kill-at']
  await runAgent(print, path, Number(values.slow ?? 0), killAt === undefined ? undefined : Number(killAt))
}

async function runAgent(print: Printer, path: string, slowMs = 0, killAt?: number): Promise<void> {
  let recorded = 0
  const world = createWorld({ tell: (what) => print.note(`called        ${what}`), slowMs, killAt })
  const tellRecorded = (what: string): void => {
    recorded += 1
    print.note(`from the log  ${what}`)
  }
  const tools = { world, tellRecorded, note: print.note, outbox: `${path}.txt` }

  await using runtime = await openAgentRuntime({ log: await openJsonlLog(path), record: { results: 'json' } })
  runtime.registerPricing(prices)
  const writer = runtime.orchestrator({ role: 'writer', phase: 'report', model: 'scripted-small' })
  const report = await writer.session((session) => writeReport(session, tools), { threadId: 'report-on-tides' })

  print.quote(report)
  const calls = world.called.size
  const how = calls + recorded === 0 ? 'finished before' : `${calls} calls, ${recorded} answers from the log`
  print.note(`${how}; ${runtime.select.totals().formattedCost} in all`)
}

async function demonstrate(print: Printer, write: Options['write']): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'durable-agent-'))
  const path = join(folder, 'agent.jsonl')
  print.title('An agent that is killed and run again, offline: the model is scripted')
  try {
    print.step(1, 'A process runs it, and is killed when its draft is written and not yet recorded')
    print.note(`ended by ${await runChild(write, [path, '--kill-at', '5'])}`)
    print.step(2, 'The next process runs it again, and is killed when it has published')
    print.note(`ended by ${await runChild(write, [path, '--kill-at', '3'])}`)
    print.step(3, 'The next one finds out whether it was published, and finishes')
    await runAgent(print, path)
    print.step(4, 'Whoever runs it after that gets what it returned')
    await runAgent(print, path)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Runs this file in a process of its own. Resolves to the signal that ended it. */
async function runChild(write: Options['write'], args: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, ['--import', 'tsx', fileURLToPath(import.meta.url), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  createInterface(child.stdout).on('line', write)
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null]
  return signal ?? `exit code ${code ?? ''}`
}

await runAsProgram(import.meta.url, (options) => main({ ...options, args: process.argv.slice(2) }))
