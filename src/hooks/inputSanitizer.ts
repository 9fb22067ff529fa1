import type { GuardrailSubject } from '../../sagas/guardrails.js'
import type { Hook, HookInfo } from '../../sagas/hooks.js'
import { AgentRuntimeError } from '../../slices/rules/errors.js'
import { createPromptInjectionGuardrail, type PromptInjectionGuardrailOptions } from '../guardrails/promptInjection.js'

export type InputSanitizerOptions = Pick<PromptInjectionGuardrailOptions, 'name' | 'extraPatterns' | 'exclude'>

/** Something in a turn's input, or in a tool's arguments, speaks to the model instead of informing it. Nothing was called. */
export class InputRejectedError extends AgentRuntimeError {
  override readonly name = 'InputRejectedError'
  readonly code = 'input_rejected'

  /** @param reason - What was found, and where. It quotes the input. */
  constructor(readonly reason: string) {
    super(`input rejected: ${reason}`)
  }
}

/**
 * Refuses turns and tool calls whose input holds one of the phrases that {@link createPromptInjectionGuardrail} knows, with an
 * {@link InputRejectedError}. For input that comes from somebody else than you: it changes nothing and lets through or refuses.
 *
 * @param options.name - Default `input_sanitizer`.
 * @throws {InvalidArgumentError} An invalid extra pattern, an unknown family, nothing left to look for, a blank name.
 */
export function createInputSanitizer(options: InputSanitizerOptions = {}): Hook {
  const { name = 'input_sanitizer', extraPatterns, exclude } = options
  // After a call a guardrail looks at the value only; before it, also at the name of the model or the tool.
  const guardrail = createPromptInjectionGuardrail({ name, extraPatterns, exclude, stages: ['post'] })
  const inspect = (kind: GuardrailSubject['kind']) => async (value: unknown, info: HookInfo) => {
    const subject = { stage: 'post', kind, role: info.role, name: info.name, input: undefined, value } as const
    const verdict = await guardrail.check(subject)
    if (!verdict.allowed) throw new InputRejectedError(verdict.reason ?? 'no reason provided')
    return undefined
  }
  return { name, beforeModel: inspect('turn'), beforeTool: inspect('tool') }
}
