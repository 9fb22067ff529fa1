import * as v from 'valibot'
import { assertArgument } from '../../slices/rules/errors.js'
import { flag, functionOf, parse, positiveCount, strictOptions } from '../config/schema.js'
import type { ChatMessage } from './message.js'

/** Which messages of a conversation are kept. */
export type CompactionStrategy<Message extends ChatMessage = ChatMessage> =
  NoCompaction | WindowStrategy | TokenBudgetStrategy<Message>

/** Keeps everything. */
export interface NoCompaction {
  readonly kind: 'none'
}

/** Keeps the latest messages. */
export interface WindowStrategy {
  readonly kind: 'window'
  /** Messages to keep. Those of the system count, and may be more than this. */
  readonly maxMessages: number
  /** Keeps every message of the system, and the latest of the others in the places that are left. Default true. */
  readonly keepSystem?: boolean | undefined
}

/** Keeps the latest messages that fit into a number of tokens, up to the first that does not. */
export interface TokenBudgetStrategy<Message extends ChatMessage = ChatMessage> {
  readonly kind: 'token_budget'
  /** Tokens to keep. Those of the system's messages count, and may be more than this. */
  readonly maxTokens: number
  /**
   * How many tokens a message takes: an integer from 0. Asked once for each message that is added. Default: a quarter of the
   * code points of its content, rounded up, and at least 1.
   */
  readonly estimate?: ((message: Message) => number) | undefined
  /** Keeps every message of the system, and the latest of the others that fit into the rest. Default true. */
  readonly keepSystem?: boolean | undefined
}

/** What a strategy comes down to: messages weigh something, and what is kept together weighs no more than `most`. */
export interface Limit<Message extends ChatMessage> {
  readonly most: number
  readonly keepSystem: boolean
  weigh(message: Message): number
}

const strategySchema = v.variant(
  'kind',
  [
    strictOptions({ kind: v.literal('none') }),
    strictOptions({ kind: v.literal('window'), maxMessages: positiveCount, keepSystem: v.optional(flag) }),
    strictOptions({
      kind: v.literal('token_budget'),
      maxTokens: positiveCount,
      estimate: v.optional(functionOf<(message: never) => number>('a function of a message')),
      keepSystem: v.optional(flag),
    }),
  ],
  'one of none, window, token_budget',
)

/** @throws {InvalidArgumentError} Names the field: `strategy.maxMessages`. */
export function limitOf<Message extends ChatMessage>(strategy: CompactionStrategy<Message>): Limit<Message> {
  parse(strategySchema, strategy, 'strategy')
  switch (strategy.kind) {
    case 'none':
      return { most: Infinity, keepSystem: true, weigh: () => 0 }
    case 'window':
      return { most: strategy.maxMessages, keepSystem: strategy.keepSystem ?? true, weigh: () => 1 }
    case 'token_budget': {
      const { maxTokens, estimate = estimateTokens, keepSystem = true } = strategy
      return { most: maxTokens, keepSystem, weigh: (message) => checkedTokens(estimate(message)) }
    }
  }
}

function estimateTokens({ content }: ChatMessage): number {
  let codePoints = 0
  for (const _ of content) codePoints += 1
  return Math.max(1, Math.ceil(codePoints / 4))
}

/** Whole numbers add up to the same sum in any order. */
function checkedTokens(tokens: number): number {
  const expected = 'a function that returns an integer from 0'
  assertArgument(Number.isSafeInteger(tokens) && tokens >= 0, 'strategy.estimate', tokens, expected)
  return tokens
}
