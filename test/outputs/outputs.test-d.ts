import { type } from 'arktype'
import {
  callableOutput,
  jsonOutput,
  regexOutput,
  schemaOutput,
  type Json,
  type JsonObject,
  type OutputSpec,
} from 'redux-agent-runtime'
import * as v from 'valibot'
import { describe, expectTypeOf, it } from 'vitest'
import { z } from 'zod'

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
