import { deepStrictEqual } from 'node:assert/strict'
import { jsonOutput, regexOutput, type Json, type JsonOutputOptions, type OutputSpec } from '../../../src/index.js'
import { attempt } from '../errors.js'
import { expectEqual } from '../suite.js'

type Spec =
  | ({ readonly kind: 'json' } & JsonOutputOptions)
  | { readonly kind: 'regex'; readonly pattern: string; readonly fullMatch?: boolean }

interface Input {
  readonly spec: Spec
  readonly raw: unknown
}

interface Expected {
  readonly value?: Json
  readonly error?: string
}

export async function outputSpec({ spec, raw }: Input, expected: Expected) {
  const { value, error } = await attempt(() => specOf(spec).parse(raw))
  expectEqual(expected.error, error, 'error')
  // Exactly: here null is null, and not nothing.
  if (expected.error === undefined) deepStrictEqual(value, expected.value)
}

function specOf(spec: Spec): OutputSpec<Json> {
  if (spec.kind === 'regex') return regexOutput(spec.pattern, { fullMatch: spec.fullMatch })
  const { kind: _, ...options } = spec
  return jsonOutput(options)
}
