import * as v from 'valibot'
import type { Hook } from '../../sagas/hooks.js'
import { AgentRuntimeError, assertArgument } from '../../slices/rules/errors.js'
import { count, functionOf, nonBlank, parse } from '../config/schema.js'

export interface TokenBudgetCheckOptions {
  /** Default `token_budget_check`. */
  readonly name?: string | undefined
  /** The most tokens that one prompt may have. */
  readonly maxTokens: number
  /** How many tokens a text has. Default: a quarter of its length, rounded down. */
  readonly estimate?: ((text: string) => number | Promise<number>) | undefined
}

/** The prompt is larger than it may be. The model was not called. */
export class HookBudgetExceededError extends AgentRuntimeError {
  override readonly name = 'HookBudgetExceededError'
  readonly code = 'hook_budget_exceeded'

  constructor(
    readonly estimatedTokens: number,
    readonly maxTokens: number,
  ) {
    super(`the prompt is about ${estimatedTokens} tokens long, and ${maxTokens} are allowed`)
  }
}

const schema = v.strictObject(
  {
    name: v.optional(nonBlank, 'token_budget_check'),
    maxTokens: count,
    estimate: v.optional(functionOf<NonNullable<TokenBudgetCheckOptions['estimate']>>('a function of a text')),
  },
  'an object of options',
)

/**
 * Refuses a turn whose `input` is too long, before the model is called: with a {@link HookBudgetExceededError}. Reads an input
 * that is a string, a list of messages, or an object that holds them as requests to providers do. In anything else, and where
 * no input is given, it finds no text and refuses nothing.
 *
 * @throws {InvalidArgumentError} `maxTokens` is not an integer from 0, or the name is blank.
 */
export function createTokenBudgetCheck(options: TokenBudgetCheckOptions): Hook {
  const { name, maxTokens, estimate = estimateTokens } = parse(schema, options, '')
  return {
    name,
    async beforeModel(input) {
      const estimated = await estimate(promptTexts(input).join('\n'))
      assertArgument(estimated >= 0, 'estimate()', estimated, 'a number from 0')
      if (estimated > maxTokens) throw new HookBudgetExceededError(estimated, maxTokens)
      return undefined
    },
  }
}

function estimateTokens(text: string): number {
  return Math.floor(text.length / 4)
}

/** Where requests and messages keep their text. */
const TEXT_FIELDS = ['system', 'instructions', 'prompt', 'input', 'messages', 'content', 'parts', 'text'] as const

function promptTexts(input: unknown): readonly string[] {
  if (typeof input === 'string') return [input]
  if (Array.isArray(input)) return input.flatMap(promptTexts)
  if (typeof input !== 'object' || input === null) return []
  const fields = input as Partial<Record<(typeof TEXT_FIELDS)[number], unknown>>
  return TEXT_FIELDS.flatMap((field) => promptTexts(fields[field]))
}
