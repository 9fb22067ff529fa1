import type { Guardrail, GuardrailStage } from '../../sagas/guardrails.js'
import { assertArgument } from '../../slices/rules/errors.js'
import { compilePatterns, createDenyCheck, type DenyPattern } from './denyPatterns.js'
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

/**
 * Blocks calls whose name, input or result matches a regular expression.
 *
 * Each string inside a structured value is tried on its own, as it is and then with hidden characters, odd spaces and
 * look-alike letters undone. `match.matched` is the text as it was read, `match.position` where it begins in the original
 * string. An expression that backtracks without end does so here too.
 *
 * @throws {InvalidArgumentError} No pattern, an empty or invalid one, an unknown stage or kind, a blank name.
 * @example
 * createPatternGuardrail({ name: 'no_shell', patterns: ['^sh', String.raw`rm\s+-rf`], stages: ['pre'] })
 */
export function createPatternGuardrail(options: PatternGuardrailOptions): Guardrail {
  const { patterns, name = 'pattern', stages = ['pre', 'post'], appliesTo } = options
  const compiled = compilePatterns(patterns, 'patterns')
  assertArgument(compiled.length > 0, 'patterns', patterns, 'a list of at least one pattern')
  return createScopedGuardrail({ name, stages, appliesTo }, createDenyCheck(compiled))
}
