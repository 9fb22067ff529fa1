import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { facts, replay, type AgentSession, type AnyFact } from '../../src/index.js'
import { startProcess, type TestProcess } from './processes.js'
import { leave, pass } from './twice.js'

/*
 * Random programs of calls, one after the other, at the same time and in races. Their process crashes after any fact, as often as it
 * likes: in the end they return what they return when nothing ever crashes, and nothing is called again that was answered.
 */

type Program =
  | { readonly op: 'turn' | 'tool' | 'step'; readonly name: string; readonly takes: number; readonly fails: boolean }
  | { readonly op: 'clock' | 'sleep' | 'race' }
  | { readonly op: 'sequence' | 'parallel'; readonly parts: readonly Program[] }

const call = fc.record({
  op: fc.constantFrom('turn' as const, 'tool' as const, 'step' as const),
  name: fc.constantFrom('a', 'b'),
  takes: fc.constantFrom(0, 3, 7),
  fails: fc.boolean(),
})

const { program } = fc.letrec<{ program: Program }>((tie) => ({
  program: fc.oneof(
    { depthSize: 'small', maxDepth: 3 },
    { weight: 4, arbitrary: call },
    { weight: 1, arbitrary: fc.record({ op: fc.constantFrom('clock' as const, 'sleep' as const, 'race' as const) }) },
    {
      weight: 3,
      arbitrary: fc.record({
        op: fc.constantFrom('sequence' as const, 'parallel' as const),
        parts: fc.array(tie('program'), { minLength: 1, maxLength: 3 }),
      }),
    },
  ),
}))

/** What the functions of a program are called for, in all processes. */
type Calls = string[]

async function perform(session: AgentSession, given: Program, calls: Calls, { clock }: TestProcess): Promise<unknown> {
  switch (given.op) {
    case 'clock':
      return typeof session.now()
    case 'sleep':
      return session.sleep(5).then(() => 'slept')
    case 'race': {
      const racers = [7, 3].map((takes) => ({ op: 'turn', name: `takes ${takes}`, takes, fails: false }) as const)
      return Promise.race(racers.map((racer) => perform(session, racer, calls, { clock } as TestProcess)))
    }
    case 'sequence': {
      const results: unknown[] = []
      for (const part of given.parts) results.push(await perform(session, part, calls, { clock } as TestProcess))
      return results
    }
    case 'parallel':
      return Promise.all(given.parts.map((part) => perform(session, part, calls, { clock } as TestProcess)))
    default: {
      const { op, name, takes, fails } = given
      const input = { takes, fails }
      const thunk = async (): Promise<string> => {
        calls.push(JSON.stringify([op, name, input]))
        if (takes > 0) await new Promise<void>((resolve) => void clock.setTimeout(resolve, takes))
        if (fails) throw new Error(`${op} ${name} failed`)
        return `${op} ${name}`
      }
      try {
        if (op === 'turn') return (await session.runTurn(thunk, { name, input, model: 'your-model' })).value
        if (op === 'tool') return await session.runTool(name, thunk, { args: input, idempotent: true })
        return await session.step(JSON.stringify([name, input]), thunk)
      } catch (error) {
        return (error as Error).message
      }
    }
  }
}

async function runToEnd(process: TestProcess, given: Program, calls: Calls): Promise<unknown> {
  const state = { ended: false }
  const running = process.orchestrator
    .session((session) => perform(session, given, calls, process), { threadId: 't' })
    .finally(() => (state.ended = true))
  leave(running)
  for (let round = 0; round < 100 && !state.ended; round += 1) await pass(process, 11)
  return running
}

const isAnswer = (fact: AnyFact): boolean =>
  facts.callAnswered.match(fact) && ['turn', 'tool', 'step'].includes(fact.payload.kind)

describe('random programs that crash', { timeout: 120_000 }, () => {
  it('return what they return without a crash, and call nothing again that was answered [DUR-13]', async () => {
    await fc.assert(
      fc.asyncProperty(
        program,
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 3 }),
        async (given, crashes) => {
          const options = { orchestrator: { maxIterations: 1_000 } }
          const calm = await startProcess(options)
          const expected = await runToEnd(calm, given, [])
          let process = await startProcess(options)
          for (const part of crashes) {
            await runToEnd(process, given, [])
            const log = process.runtime.log.facts()
            const until = Math.max(3, Math.floor(part * log.length))
            const answered = log.slice(0, until).filter(isAnswer).length
            const calls: Calls = []
            process = await process.crash({ until })
            expect(await runToEnd(process, given, calls)).toEqual(expected)
            expect(calls.length).toBe(calm.runtime.log.facts().filter(isAnswer).length - answered)
            expect(replay(process.runtime.log.facts())).toEqual(process.runtime.getState())
          }
        },
      ),
      { numRuns: 40 },
    )
  })
})
