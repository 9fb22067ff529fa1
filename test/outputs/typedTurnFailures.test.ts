import { inspect } from 'node:util'
import { describe, expect, it, vi } from 'vitest'
import { OutputInvalidError, PaidTurnError } from '../../src/index.js'
import { runTypedTurn, type TypedTurnOptions } from '../../src/outputs/runTypedTurn.js'
import { DRAFT, rejection } from '../support/runtime.js'
import { createModel, number, openSession } from './typedTurns.js'

describe('a typed turn whose repairs are used up', () => {
  it.each([
    [undefined, ['a', 'hunter2']],
    [0, ['hunter2']],
    [2, ['a', 'b', 'hunter2']],
  ])('throws the last answer’s error, with its result, after repairs: %s [OUT-8]', async (allowed, answers) => {
    const { session } = await openSession()
    const { thunk, repairs } = createModel(...answers)
    const error = await rejection(runTypedTurn(session, thunk, { ...DRAFT, output: number('port'), repairs: allowed }))
    expect(error).toBeInstanceOf(OutputInvalidError)
    expect(error).toBeInstanceOf(PaidTurnError)
    expect(error).toMatchObject({ output: 'port', raw: 'hunter2' })
    expect((error as OutputInvalidError).result).toMatchObject({
      value: 'hunter2',
      turnId: `turn-${answers.length}`,
      usage: { inputTokens: 5_000 },
    })
    expect(repairs).toHaveLength(answers.length)
  })

  it('keeps the answer out of the message and out of sight of loggers', async () => {
    const { session } = await openSession()
    const { thunk } = createModel('hunter2', 'hunter2')
    const error = (await rejection(runTypedTurn(session, thunk, { output: number() }))) as Error
    for (const logged of [error.message, JSON.stringify(error), inspect(error, { depth: 9 })]) {
      expect(logged).not.toContain('hunter2')
    }
  })
})

describe('what is not repaired', () => {
  it('is an error of the first call [OUT-8]', async () => {
    const { session } = await openSession()
    const failure = new Error('the provider is down')
    const thunk = vi.fn(() => Promise.reject(failure))
    expect(await rejection(runTypedTurn(session, thunk, { output: number(), repairs: 3 }))).toBe(failure)
    expect(thunk).toHaveBeenCalledTimes(1)
  })

  it('is an error of a repair', async () => {
    const { session } = await openSession()
    const { thunk, repairs } = createModel('a')
    const error = await rejection(runTypedTurn(session, thunk, { output: number(), repairs: 3 }))
    expect(error).toMatchObject({ message: 'the model has no more answers' })
    expect(repairs).toHaveLength(2)
  })

  it('is a refusal: the iterations are used up', async () => {
    const { session } = await openSession({ maxIterations: 1 })
    const { thunk, repairs } = createModel('a', '1')
    const error = await rejection(runTypedTurn(session, thunk, { output: number() }))
    expect(error).toMatchObject({ code: 'max_iterations_exceeded' })
    expect(repairs).toHaveLength(1)
  })

  it('is a budget that a turn went over, even when its answer does not fit', async () => {
    const { session } = await openSession({ budgetUsd: 0.01, enforceBudget: true })
    const { thunk, repairs } = createModel('a', '1')
    const error = await rejection(runTypedTurn(session, thunk, { ...DRAFT, output: number() }))
    expect(error).toMatchObject({ code: 'budget_exceeded', called: true, result: { value: 'a' } })
    expect(repairs).toHaveLength(1)
  })

  it('is an answer that a guardrail blocks', async () => {
    const { session } = await openSession({
      guardrails: [
        { name: 'never', stages: ['post'], appliesTo: ['turn'], check: () => ({ allowed: false, reason: 'no' }) },
      ],
    })
    const { thunk, repairs } = createModel('a', '1')
    const error = await rejection(runTypedTurn(session, thunk, { output: number() }))
    expect(error).toMatchObject({ code: 'guardrail_violated' })
    expect(repairs).toHaveLength(1)
  })

  it.each<[string, object]>([
    ['read', { output: number(), read: ({ choices }: { choices: string[] }) => choices[0]?.trim() }],
    ['the spec', { output: { name: 'number', parse: (raw: { choices: string[] }) => raw.choices.length } }],
  ])('is a mistake in %s, which costs nobody the answer [OUT-8]', async (_, options) => {
    const { session } = await openSession()
    const { thunk, repairs } = createModel({ text: 'paid for' })
    const error = await rejection(runTypedTurn(session, thunk, options as TypedTurnOptions<object, unknown>))
    expect(error).toMatchObject({
      message: "output 'number' could not be read from what the turn returned",
      thrown: { name: 'TypeError' },
      result: { value: { text: 'paid for' }, turnId: 'turn-1' },
    })
    expect(repairs).toEqual([null])
  })
})
