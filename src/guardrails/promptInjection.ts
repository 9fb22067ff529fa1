import type { Guardrail, GuardrailStage } from '../../sagas/guardrails.js'
import { assertArgument } from '../../slices/rules/errors.js'
import { compilePatterns, createDenyCheck, type DenyPattern } from './denyPatterns.js'
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

/**
 * Blocks results in which a text speaks to the model instead of informing it: "ignore all previous instructions". Knows eleven
 * families of English phrases and reads them through the usual disguises (see {@link createPatternGuardrail}). It raises the
 * cost of an attack; it does not replace permissions.
 *
 * @throws {InvalidArgumentError} An invalid extra pattern, an unknown family, nothing left to look for, an unknown stage or
 * kind, a blank name.
 */
export function createPromptInjectionGuardrail(options: PromptInjectionGuardrailOptions = {}): Guardrail {
  const { name = 'prompt_injection', stages = ['post'], extraPatterns = [], exclude = [], appliesTo } = options
  const extra = compilePatterns(extraPatterns, 'extraPatterns')
  assertFamilies(exclude)
  const builtIn = INJECTION_FAMILIES.filter((family) => !exclude.includes(family)).map(injectionPattern)
  const patterns = [...builtIn, ...extra]
  assertArgument(patterns.length > 0, 'exclude', exclude, 'a list that leaves something to look for')
  return createScopedGuardrail({ name, stages, appliesTo }, createDenyCheck(patterns))
}

function assertFamilies(exclude: readonly InjectionFamily[]): void {
  assertArgument(Array.isArray(exclude), 'exclude', exclude, 'a list of families')
  for (const [index, family] of exclude.entries()) {
    const isKnown = INJECTION_FAMILIES.includes(family)
    assertArgument(isKnown, `exclude[${index}]`, family, `one of ${INJECTION_FAMILIES.join(', ')}`)
  }
}
