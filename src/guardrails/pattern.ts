import * as v from 'valibot'
import type { Guardrail, GuardrailStage } from '../../sagas/guardrails.js'
import { assertArgument } from '../../slices/rules/errors.js'
import { kindsSchema, stagesSchema } from '../config/guardrails.js'
import { nonBlank, parse, strictOptions } from '../config/schema.js'
import { compilePatterns, createDenyCheck, patternsSchema, type DenyPattern } from './denyPatterns.js'
import { createScopedGuardrail } from './scope.js'

export interface PatternGuardrailOptions {
  /** At least one. The leftmost match counts; of two that begin together, that of the earlier pattern. */
  readonly patterns: readonly DenyPattern[]
  /** Default `pattern`. */
  readonly name?: string | undefined
  /** Before the call: its name and its input. After it: what it returned. Default both. */
  readonly stages?: readonly GuardrailStage[] | undefined
  /** Default: tools only. */
  readonly appliesTo?: readonly ('tool' | 'turn')[] | undefined
}

const schema = strictOptions({
  patterns: patternsSchema,
  name: v.optional(nonBlank, 'pattern'),
  stages: v.optional(stagesSchema, ['pre', 'post']),
  appliesTo: v.optional(kindsSchema),
}) satisfies v.GenericSchema<unknown, PatternGuardrailOptions>

/**
 * Blocks calls whose name, input or result matches a regular expression.
 *
 * Each string inside a structured value is tried on its own, as it is and then with hidden characters, odd spaces and
 * look-alike letters undone. `match.matched` is the text as it was read, `match.position` where it begins in the original
 * string. An expression that backtracks without end does so here too.
 *
 * @throws {InvalidArgumentError} No pattern, an empty or invalid one, an unknown stage or kind, a blank name, an option
 * that is not known.
 * @example
 * createPatternGuardrail({ name: 'no_shell', patterns: ['^sh', String.raw`rm\s+-rf`], stages: ['pre'] })
 */
export function createPatternGuardrail(options: PatternGuardrailOptions): Guardrail {
  const { patterns, ...scope } = parse(schema, options)
  const compiled = compilePatterns(patterns, 'patterns')
  assertArgument(compiled.length > 0, 'patterns', patterns, 'a list of at least one pattern')
  return createScopedGuardrail(scope, createDenyCheck(compiled))
}
