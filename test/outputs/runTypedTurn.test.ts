import { type } from 'arktype'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  callableOutput,
  jsonOutput,
  schemaOutput,
  type OutputSpec,
  type StandardSchema,
  type UsageInput,
} from '../../src/index.js'
import { runTypedTurn } from '../../src/outputs/runTypedTurn.js'
import { DRAFT, rejection } from '../support/runtime.js'
import { createModel, number, openSession } from './typedTurns.js'

interface Person {
  readonly name: string
  readonly age: number
}

const WRONG = '{"name":"Ada","age":"thirty-six"}'
const RIGHT = '{"name":"Ada","age":36}'

const libraries: readonly [string, StandardSchema<Person>][] = [
  ['zod', z.object({ name: z.string(), age: z.number() })],
  ['valibot', v.object({ name: v.string(), age: v.number() })],
  ['arktype', type({ name: 'string', age: 'number' })],
]

describe('a typed turn', () => {
  it('is one turn when the answer fits [OUT-7]', async () => {
    const { session, sessionFacts } = await openSession()
    const { thunk, repairs } = createModel('{"decision":"yes"}')
    const turn = await runTypedTurn(session, thunk, { ...DRAFT, output: jsonOutput({ requireType: 'object' }) })
    expect(turn).toMatchObject({
      output: { decision: 'yes' },
      value: '{"decision":"yes"}',
      usage: { inputTokens: 5_000, outputTokens: 1_200 },
      turnId: 'turn-1',
      repairs: 0,
    })
    expect(repairs).toEqual([null])
    expect(sessionFacts()).toEqual(['sessions/opened', 'turns/started', 'turns/completed'])
  })

  it.each(libraries)('is repaired by what a schema of %s says about its answer', async (_, schema) => {
    const { session } = await openSession()
    const { thunk, repairs } = createModel(WRONG, RIGHT)
    const turn = await runTypedTurn(session, thunk, { output: schemaOutput(schema) })
    expect(turn).toMatchObject({ output: { name: 'Ada', age: 36 }, value: RIGHT, turnId: 'turn-2', repairs: 1 })
    expect(repairs).toEqual([
      null,
      { attempt: 1, previous: WRONG, issues: [expect.stringMatching(/^age: .*number/) as string] },
    ])
  })

  it.each<[string, OutputSpec<unknown>, string, string]>([
    ['text that is no JSON', jsonOutput(), 'Sure!', 'output: is not valid JSON'],
    ['a key that is missing', jsonOutput({ requiredKeys: ['reason'] }), '{}', 'reason: is missing'],
    ['a pattern that does not match', number(), 'seven', String.raw`output: does not match /^\d+$/`],
    ['a function that throws', callableOutput('port', assertPort), '0', 'output: the port must be above 0'],
  ])('says to the model what is wrong with %s', async (_, output, answer, issue) => {
    const { session } = await openSession()
    const { thunk, repairs } = createModel(answer, answer)
    await rejection(runTypedTurn(session, thunk, { output }))
    expect(repairs[1]?.issues).toEqual([issue])
  })

  it('is repaired as often as it may be, each time by the answer before [OUT-7]', async () => {
    const { session } = await openSession()
    const { thunk, repairs } = createModel('a', 'b', '3')
    const turn = await runTypedTurn(session, thunk, { output: number(), repairs: 2 })
    expect(turn).toMatchObject({ turnId: 'turn-3', repairs: 2 })
    expect(repairs.map((repair) => repair && [repair.attempt, repair.previous])).toEqual([null, [1, 'a'], [2, 'b']])
  })

  it('runs each repair as a turn of its own, and returns what all of them used [OUT-7]', async () => {
    const { session, sessionFacts } = await openSession()
    const { thunk } = createModel('a', '1')
    const { usage } = await runTypedTurn(session, thunk, { ...DRAFT, output: number() })
    const turn = ['turns/started', 'turns/completed']
    expect(sessionFacts()).toEqual(['sessions/opened', ...turn, ...turn])
    expect(usage).toMatchObject({ inputTokens: 10_000, outputTokens: 2_400 })
    expect(session.summary()).toMatchObject({ turns: { iterations: 2, completed: 2 }, usage: { costUsd: 0.066 } })
  })

  it('leaves nothing of its answers in the log', async () => {
    const { session, runtime } = await openSession()
    const { thunk } = createModel('the secret', 'the other secret')
    await rejection(runTypedTurn(session, thunk, { output: number() }))
    expect(JSON.stringify(runtime.log.facts())).not.toContain('secret')
  })
})

describe('what is read of a turn', () => {
  it('is the value itself, or what read makes of it', async () => {
    const { session } = await openSession()
    const output = number()
    await expect(runTypedTurn(session, () => '7', { output })).resolves.toMatchObject({ value: '7' })
    const turn = runTypedTurn(session, () => ({ text: '7' }), { output, read: ({ text }) => text })
    await expect(turn).resolves.toMatchObject({ value: { text: '7' } })
  })

  const circular: { self?: unknown } = {}
  circular.self = circular

  it.each<[string, unknown, string]>([
    ['structured', { age: [1] }, '{"age":[1]}'],
    ['nothing', null, 'null'],
    ['undefined', undefined, ''],
    ['circular', circular, ''],
  ])('may be %s, and is told to the model as text', async (_, raw, previous) => {
    const { session } = await openSession()
    const { thunk, repairs } = createModel({ raw }, { raw })
    await rejection(runTypedTurn(session, thunk, { output: number(), read: (value) => value.raw }))
    expect(repairs[1]?.previous).toBe(previous)
  })
})

describe('the usage of a typed turn', () => {
  it('is that of all its turns', async () => {
    const { session } = await openSession()
    const used = {
      inputTokens: 5,
      outputTokens: 4,
      cacheWriteTokens: 3,
      cacheReadTokens: 2,
      cacheTtl: '5m',
      toolCalls: 1,
    }
    const { thunk } = createModel('a', 'b', '1')
    const { usage } = await runTypedTurn(session, thunk, { output: number(), repairs: 2, usage: used })
    expect(usage).toEqual({
      inputTokens: 15,
      outputTokens: 12,
      cacheWriteTokens: 9,
      cacheReadTokens: 6,
      cacheTtl: '5m',
      toolCalls: 3,
    })
  })

  it.each<[string, UsageInput, UsageInput, string | null]>([
    ['the first', { cacheWriteTokens: 1, cacheTtl: '1h' }, { cacheReadTokens: 1 }, '1h'],
    ['the second', { cacheReadTokens: 1, cacheTtl: '5m' }, { cacheWriteTokens: 1, cacheTtl: '1h' }, '1h'],
    ['both alike', { cacheWriteTokens: 1, cacheTtl: '1h' }, { cacheWriteTokens: 1, cacheTtl: '1h' }, '1h'],
    ['both unlike', { cacheWriteTokens: 1, cacheTtl: '1h' }, { cacheWriteTokens: 1, cacheTtl: '5m' }, null],
    ['none', { inputTokens: 1 }, { inputTokens: 1 }, null],
  ])('has the cache lifetime of the turns that wrote to a cache: %s', async (_, first, second, cacheTtl) => {
    const { session } = await openSession()
    const { thunk } = createModel({ text: 'a', used: first }, { text: '1', used: second })
    const turn = await runTypedTurn(session, thunk, {
      output: number(),
      read: ({ text }) => text,
      usage: ({ used }) => used,
    })
    expect(turn.usage.cacheTtl).toBe(cacheTtl)
  })
})

function assertPort(text: string): number {
  if (Number(text) <= 0) throw new Error('the port must be above 0')
  return Number(text)
}
