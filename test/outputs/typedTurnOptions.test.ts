import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { callableOutput } from '../../src/index.js'
import { runTypedTurn, type TypedTurnOptions } from '../../src/outputs/runTypedTurn.js'
import { createTestRuntime, rejection } from '../support/runtime.js'
import { createModel, number, openSession } from './typedTurns.js'

describe('the options of a typed turn', () => {
  it('that are those of a turn hold for its repairs too', async () => {
    const { session, clock, runtime } = await openSession()
    const turn = runTypedTurn(session, (_, repair) => (repair ? new Promise<string>(() => undefined) : 'a'), {
      output: number(),
      model: 'your-model',
      timeoutMs: 5_000,
    })
    const rejected = rejection(turn)
    await clock.advance(5_000)
    expect(await rejected).toMatchObject({ code: 'turn_timeout', timeoutMs: 5_000 })
    expect(runtime.select.summary(session.id).turns).toMatchObject({ completed: 1, failed: 1 })
    expect(runtime.log.facts().filter(({ type }) => type === 'turns/started')).toMatchObject(
      Array(2).fill({ payload: { model: 'your-model', timeoutMs: 5_000 } }),
    )
  })

  it('include a signal, after whose abort there is no repair', async () => {
    const { session, sessionFacts } = await openSession()
    const stop = new AbortController()
    const output = callableOutput('never', () => {
      stop.abort('the user left')
      throw new Error('no')
    })
    const { thunk, repairs } = createModel('a', 'b')
    expect(await rejection(runTypedTurn(session, thunk, { output, signal: stop.signal }))).toBe('the user left')
    expect(repairs).toHaveLength(1)
    expect(sessionFacts().filter((fact) => fact === 'turns/started')).toHaveLength(1)
  })

  it('include an idempotency key, of which each turn has its own [OUT-8]', async () => {
    const { orchestrator, runtime } = createTestRuntime()
    const options = { output: number(), idempotencyKey: 'age' }
    const inThread = async (...answers: readonly string[]) => {
      const model = createModel(...answers)
      const turn = await runTypedTurn(await orchestrator.open({ threadId: 't' }), model.thunk, options)
      return { ...turn, calls: model.repairs.length }
    }
    expect(await inThread('a', '7')).toMatchObject({ value: '7', repairs: 1, calls: 2, replayed: false })
    expect(await inThread()).toMatchObject({ value: '7', repairs: 1, calls: 0, replayed: true })
    const kept = runtime.log.facts().filter(({ type }) => type === 'turns/kept')
    expect(kept).toMatchObject([{ payload: { key: 'age' } }, { payload: { key: 'age/repair-1' } }])
  })

  it.each<[string, object]>([
    ['outputs', { outputs: number() }],
    ['output', {}],
    ['output', { output: z.string }],
    ['output.name', { output: z.object({}) }],
    ['output.parse', { output: { name: 'x', parse: 5 } }],
    ['repairs', { repairs: -1 }],
    ['repairs', { repairs: Infinity }],
    ['read', { read: 'text' }],
    ['timeoutMs', { timeoutMs: 0 }],
  ])('are not usable, and no turn is run, when %s is not', async (field, options) => {
    const { session, sessionFacts } = await openSession()
    const { thunk, repairs } = createModel('1')
    const output = field === 'output' ? {} : { output: number() }
    const error = await rejection(
      runTypedTurn(session, thunk, { ...output, ...options } as TypedTurnOptions<string, unknown>),
    )
    expect(error).toMatchObject({ code: 'invalid_argument', field })
    expect([repairs, sessionFacts()]).toEqual([[], ['sessions/opened']])
  })

  it('come after a session and a function', async () => {
    const { session } = await openSession()
    const options = { output: number() }
    const calls: readonly [string, () => Promise<unknown>][] = [
      ['session', () => runTypedTurn(undefined as never, () => '1', options)],
      ['thunk', () => runTypedTurn(session, 'a prompt' as never, options)],
      ['options', () => runTypedTurn(session, () => '1', undefined as never)],
    ]
    for (const [field, call] of calls) {
      expect(await rejection(call())).toMatchObject({ code: 'invalid_argument', field })
    }
  })
})
