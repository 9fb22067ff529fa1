import { type } from 'arktype'
import {
  callableOutput,
  jsonOutput,
  regexOutput,
  schemaOutput,
  type Json,
  type AgentSession,
  type JsonObject,
  type OutputSpec,
} from 'redux-agent-runtime'
import * as v from 'valibot'
import { describe, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import { runTypedTurn, type TurnRepair, type TypedTurnResult } from '../../src/outputs/runTypedTurn.js'

declare const session: AgentSession

interface Completion {
  readonly text: string
}

describe('an output', () => {
  it('with a schema is of the type that the schema gives, and not of the one it takes', () => {
    expectTypeOf(schemaOutput(z.object({ n: z.string().transform(Number) }))).toEqualTypeOf<OutputSpec<{ n: number }>>()
    expectTypeOf(schemaOutput(v.pipe(v.string(), v.transform(Number)))).toEqualTypeOf<OutputSpec<number>>()
    expectTypeOf(schemaOutput(type('string.numeric.parse'))).toEqualTypeOf<OutputSpec<number>>()
  })

  it('of JSON is of the type that is required', () => {
    expectTypeOf(jsonOutput({ requireType: 'object' })).toEqualTypeOf<OutputSpec<JsonObject>>()
    expectTypeOf(jsonOutput({ requireType: 'boolean' })).toEqualTypeOf<OutputSpec<boolean>>()
    expectTypeOf(jsonOutput()).toExtend<OutputSpec<Json>>()
  })

  it('of a function is of the type that the function returns or resolves to', () => {
    expectTypeOf(callableOutput('n', (text) => text.length)).toEqualTypeOf<OutputSpec<number>>()
    expectTypeOf(callableOutput('n', async (text) => text.length)).toEqualTypeOf<OutputSpec<number>>()
  })

  it('of a pattern has text in its groups', () => {
    expectTypeOf(regexOutput('a')).toEqualTypeOf<OutputSpec<Readonly<Record<string, string>>>>()
  })

  it('takes no schema that is none', () => {
    // @ts-expect-error: not a Standard Schema
    schemaOutput({ parse: () => 1 })
  })
})

describe('a typed turn', () => {
  it('has the output of its spec and the value of its function', () => {
    const complete = (): Promise<Completion> => Promise.resolve({ text: '' })
    const output = schemaOutput(z.object({ n: z.string().transform(Number) }))
    const turn = runTypedTurn(
      session,
      ({ signal }, repair) => {
        expectTypeOf(signal).toEqualTypeOf<AbortSignal>()
        expectTypeOf(repair).toEqualTypeOf<TurnRepair | null>()
        return complete()
      },
      { output, read: ({ text }) => text, usage: ({ text }) => ({ outputTokens: text.length }) },
    )
    expectTypeOf(turn).resolves.toEqualTypeOf<TypedTurnResult<Completion, { n: number }>>()
  })

  it('takes the options of a turn, and no output that is not a spec', () => {
    void runTypedTurn(session, () => '', { output: jsonOutput(), model: 'm', timeoutMs: 5, repairs: 2 })
    // @ts-expect-error: a schema is made a spec by schemaOutput
    void runTypedTurn(session, () => '', { output: z.object({}) })
    // @ts-expect-error: the output is missing
    void runTypedTurn(session, () => '', {})
  })
})
