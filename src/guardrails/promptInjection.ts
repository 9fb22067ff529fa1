import * as v from 'valibot'
import type { Guardrail, GuardrailStage } from '../../sagas/guardrails.js'
import { assertArgument } from '../../slices/rules/errors.js'
import { kindsSchema, stagesSchema } from '../config/guardrails.js'
import { nonBlank, oneOf, parse, strictOptions } from '../config/schema.js'
import { compilePatterns, createDenyCheck, patternsSchema, type DenyPattern } from './denyPatterns.js'
import { INJECTION_FAMILIES, injectionPattern, type InjectionFamily } from './injectionFamilies.js'
import { createScopedGuardrail } from './scope.js'

export interface PromptInjectionGuardrailOptions {
  /** Default `prompt_injection`. */
  readonly name?: string | undefined
  /** Default `['post']`: what a tool returned. With `pre` also the call's name and input. */
  readonly stages?: readonly GuardrailStage[] | undefined
  /** Tried after the built-in families. */
  readonly extraPatterns?: readonly DenyPattern[] | undefined
  /** Families to leave out, where they are in the way: `role_change` also finds "act as expected". Default: none. */
  readonly exclude?: readonly InjectionFamily[] | undefined
  /** Default: tools only. */
  readonly appliesTo?: readonly ('tool' | 'turn')[] | undefined
}

const schema = strictOptions({
  name: v.optional(nonBlank, 'prompt_injection'),
  stages: v.optional(stagesSchema, ['post']),
  extraPatterns: v.optional(patternsSchema, []),
  exclude: v.optional(v.array(oneOf(INJECTION_FAMILIES), 'a list of families'), []),
  appliesTo: v.optional(kindsSchema),
}) satisfies v.GenericSchema<unknown, PromptInjectionGuardrailOptions>

/**
 * Blocks results in which a text speaks to the model instead of informing it: "ignore all previous instructions". Knows eleven
 * families of English phrases and reads them through the usual disguises (see {@link createPatternGuardrail}). It raises the
 * cost of an attack; it does not replace permissions.
 *
 * @throws {InvalidArgumentError} An invalid extra pattern, an unknown family, nothing left to look for, an unknown stage or
 * kind, a blank name, an option that is not known.
 */
export function createPromptInjectionGuardrail(options: PromptInjectionGuardrailOptions = {}): Guardrail {
  const { extraPatterns, exclude, ...scope } = parse(schema, options)
  const extra = compilePatterns(extraPatterns, 'extraPatterns')
  const builtIn = INJECTION_FAMILIES.filter((family) => !exclude.includes(family)).map(injectionPattern)
  const patterns = [...builtIn, ...extra]
  assertArgument(patterns.length > 0, 'exclude', exclude, 'a list that leaves something to look for')
  return createScopedGuardrail(scope, createDenyCheck(patterns))
}
