import type { AgentSession } from '../../src/index.js'
import { settle } from '../../src/testing/index.js'
import { startProcess, type ProcessOptions, type TestProcess } from './processes.js'

/** What a function of a session does, with a note of every call that it makes itself. */
export type Ask = (session: AgentSession, note: (call: string) => void, process: TestProcess) => Promise<unknown>

export type Outcome = { readonly returned: unknown } | { readonly threw: unknown }

export interface Twice {
  readonly first: TestProcess
  readonly second: TestProcess
  /** What the function got from the process that crashed. */
  readonly before: Outcome
  /** What it got when it was run again. */
  readonly after: Outcome
  /** What it called itself, in both processes together. */
  readonly calls: readonly string[]
}

/** Asks in a process that crashes afterwards, and again in the next one, where the function goes on to its end. */
export async function askTwice(ask: Ask, options: ProcessOptions = {}): Promise<Twice> {
  const outcomes: Outcome[] = []
  const calls: string[] = []
  const runIn = (process: TestProcess, rest: () => unknown): Promise<unknown> =>
    process.orchestrator.session(
      async (session) => {
        outcomes.push(await outcomeOf(ask(session, (call) => calls.push(call), process)))
        await rest()
      },
      { threadId: 'thread' },
    )
  const first = await startProcess(options)
  leave(runIn(first, never))
  await pass(first, 100)
  const second = await first.crash()
  const ended = runIn(second, () => undefined)
  leave(ended)
  await pass(second, 100)
  await ended
  const [before, after] = outcomes
  if (!before || !after || outcomes.length > 2) throw new Error(`got ${outcomes.length} outcomes`)
  return { first, second, before, after, calls }
}

export async function outcomeOf(promise: Promise<unknown>): Promise<Outcome> {
  try {
    return { returned: await promise }
  } catch (threw) {
    return { threw }
  }
}

/** Whatever can go on without more time does, then time passes, and again. */
export async function pass({ clock }: TestProcess, ms = 1): Promise<void> {
  for (let turn = 0; turn < 12; turn += 1) await settle()
  await clock.advance(ms)
  for (let turn = 0; turn < 12; turn += 1) await settle()
}

export function never(): Promise<never> {
  return new Promise(() => undefined)
}

/** Nobody waits for what the process that crashed was doing. */
export function leave(promise: Promise<unknown>): void {
  promise.catch(() => undefined)
}

/** What becomes of it once its function has been silent for so long that it counts as having asked for everything. */
export async function afterSilence<T>(process: TestProcess, promise: Promise<T>): Promise<T> {
  leave(promise)
  await pass(process, 1_000)
  return promise
}
