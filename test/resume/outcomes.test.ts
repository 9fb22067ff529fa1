import { describe, expect, it } from 'vitest'
import { OutcomeUnknownError, type AgentSession, type ToolOptions } from '../../src/index.js'
import { startProcess, type ProcessOptions, type TestProcess } from './processes.js'
import { leave, never, outcomeOf, pass } from './twice.js'

type Fn<T> = (session: AgentSession) => Promise<T>

const run = <T>(process: TestProcess, fn: Fn<T>): Promise<T> => process.orchestrator.session(fn, { threadId: 't' })

async function left(fn: Fn<unknown>, options: ProcessOptions = {}, from?: TestProcess): Promise<TestProcess> {
  const first = from ?? (await startProcess(options))
  leave(run(first, fn))
  await pass(first)
  return first.crash()
}

const charge = (session: AgentSession, thunk: () => unknown, args: unknown = 5, options: ToolOptions = {}) =>
  session.runTool('charge', thunk, { args, ...options })

async function unknownOf(promise: Promise<unknown>): Promise<OutcomeUnknownError> {
  const outcome = await outcomeOf(promise)
  if ('threw' in outcome && outcome.threw instanceof OutcomeUnknownError) return outcome.threw
  throw new Error(`the outcome is known: ${JSON.stringify(outcome)}`)
}

describe('a tool of which nobody knows what it did', () => {
  it('is not called again: whoever catches that says what it did, once and for all [DUR-7]', async () => {
    const second = await left((session) => charge(session, never))
    const resolved = async (session: AgentSession) => (await unknownOf(charge(session, never))).resolve('receipt')
    const third = await left(async (session) => [await resolved(session), await never()], {}, second)
    expect(await run(third, (session) => charge(session, never))).toBe('receipt')
  })

  it('may be called again, and answers from then on [DUR-7]', async () => {
    const calls: string[] = []
    const second = await left((session) => charge(session, () => (calls.push('first'), never())))
    const retried = async (session: AgentSession) =>
      (await unknownOf(charge(session, () => (calls.push('again'), 'receipt')))).retry()
    const third = await left(async (session) => [await retried(session), await never()], {}, second)
    expect(await run(third, (session) => charge(session, never))).toBe('receipt')
    expect(calls).toEqual(['first', 'again'])
  })

  it('that was called again and interrupted again is unknown again [DUR-7]', async () => {
    const second = await left((session) => charge(session, never))
    const third = await left(async (session) => (await unknownOf(charge(session, never))).retry(), {}, second)
    const error = await outcomeOf(run(third, (session) => charge(session, never)))
    expect(error).toMatchObject({ threw: { code: 'outcome_unknown', toolCallId: 'tool-2' } })
    const fourth = await third.crash()
    expect(await outcomeOf(run(fourth, (session) => charge(session, never)))).toMatchObject({
      threw: { toolCallId: 'tool-2' },
    })
  })

  it('may be said to have failed, and throws that from then on [DUR-7]', async () => {
    const second = await left((session) => charge(session, never))
    const failed = async (session: AgentSession) => {
      const error = await unknownOf(charge(session, never))
      return outcomeOf(error.fail(Object.assign(new Error('declined'), { status: 402 })))
    }
    const third = await left(async (session) => [await failed(session), await never()], {}, second)
    const after = await run(third, (session) => outcomeOf(charge(session, never)))
    expect(after).toMatchObject({ threw: { message: 'declined', status: 402 } })
  })

  it('parks its session as long as nobody says so, and asks each time [DUR-7]', async () => {
    const second = await left((session) => charge(session, never))
    for (let time = 0; time < 2; time += 1) {
      expect(await outcomeOf(run(second, (session) => charge(session, never)))).toMatchObject({
        threw: { code: 'outcome_unknown', tool: 'charge', toolCallId: 'tool-1', sessionId: 'session-1' },
      })
      expect(second.runtime.select.session('session-1')?.lifecycle.parkedAt).not.toBeNull()
    }
  })

  it('may be settled after its session was parked for it [DUR-7]', async () => {
    const second = await left((session) => charge(session, never))
    const error = await unknownOf(run(second, (session) => charge(session, never)))
    expect(await error.resolve('receipt')).toBe('receipt')
    expect(await run(second, (session) => charge(session, never))).toBe('receipt')
  })

  it('is settled once: what is said later changes nothing [DUR-7]', async () => {
    const second = await left((session) => charge(session, never))
    const third = await left(
      async (session) => {
        const error = await unknownOf(charge(session, never))
        await error.resolve('receipt')
        await outcomeOf(error.resolve('another'))
        await never()
      },
      {},
      second,
    )
    expect(await run(third, (session) => charge(session, never))).toBe('receipt')
  })

  it('is called again without a question when it is idempotent [DUR-8]', async () => {
    const second = await left((session) => charge(session, never, 5, { idempotent: true }))
    expect(await run(second, (session) => charge(session, () => 'receipt', 5, { idempotent: true }))).toBe('receipt')
    const sessions = second.runtime.select.summary('session-1')
    expect(sessions.tools).toMatchObject({ completed: 1 })
  })

  it('may be ignored by its function, which then goes on as before [DUR-7]', async () => {
    const second = await left((session) => charge(session, never))
    const ignoring =
      (last: () => unknown): Fn<unknown> =>
      async (session) => {
        await outcomeOf(charge(session, never))
        const { value } = await session.runTurn(() => 'sorry')
        return [value, await session.step('last', last)]
      }
    const third = await left(ignoring(never), {}, second)
    expect(
      await run(
        third,
        ignoring(() => 'end'),
      ),
    ).toEqual(['sorry', 'end'])
  })

  it('is not another call of the same tool: each is asked about by its own arguments [DUR-7]', async () => {
    const both = (thunk: (eur: number) => unknown, amounts: readonly number[]): Fn<readonly unknown[]> => {
      return (session) => Promise.all(amounts.map((eur) => outcomeOf(charge(session, () => thunk(eur), eur))))
    }
    const second = await left(both(never, [5, 7]))
    const swapped = await run(
      second,
      both((eur) => eur, [9, 7, 5]),
    )
    expect(swapped).toMatchObject([
      { returned: 9 },
      { threw: { code: 'outcome_unknown', toolCallId: 'tool-2' } },
      { threw: { code: 'outcome_unknown', toolCallId: 'tool-1' } },
    ])
  })

  it('stays unknown when another call of the same tool is answered [DUR-7]', async () => {
    const second = await left((session) => charge(session, never, 5))
    const third = await left(
      async (session) => [await charge(session, () => 9, 9), await charge(session, () => 5, 5)],
      {},
      second,
    )
    const calls: number[] = []
    const outcome = await outcomeOf(
      run(third, async (session) => [
        await charge(session, () => calls.push(9), 9),
        await charge(session, () => calls.push(5), 5),
      ]),
    )
    expect(outcome).toMatchObject({ threw: { code: 'outcome_unknown', toolCallId: 'tool-1' } })
    expect(calls).toEqual([])
  })

  it('is known by what its function gave, whatever hooks made of that [DUR-7]', async () => {
    let made = 0
    const hook = { name: 'stamp', beforeTool: (args: unknown) => [args, (made += 1)] }
    const second = await left((session) => charge(session, never), { orchestrator: { hooks: [hook] } })
    const error = await outcomeOf(run(second, (session) => charge(session, () => 'twice')))
    expect(error).toMatchObject({ threw: { code: 'outcome_unknown' } })
  })

  it('was aborted when its process went down: nobody knows what it did either [DUR-7]', async () => {
    const first = await startProcess()
    leave(run(first, (session) => charge(session, never)))
    await pass(first)
    await first.runtime.drain({ timeoutMs: 0 })
    const second = await first.crash()
    const outcome = await outcomeOf(run(second, (session) => charge(session, () => 'twice')))
    expect(outcome).toMatchObject({ threw: { code: 'outcome_unknown', toolCallId: 'tool-1' } })
  })

  it('has ended, and its answer was lost with its process: it is not called again either [DUR-7]', async () => {
    const first = await startProcess()
    leave(run(first, async (session) => [await charge(session, () => 'receipt'), await never()]))
    await pass(first)
    const second = await first.crash({ until: first.factTypes().indexOf('tools/completed') + 1 })
    const outcome = await outcomeOf(run(second, (session) => charge(session, () => 'twice')))
    expect(outcome).toMatchObject({ threw: { code: 'outcome_unknown', toolCallId: 'tool-1' } })
  })
})
