import { deepStrictEqual } from 'node:assert/strict'
import {
  compactMessages,
  createConversationMemory,
  type ChatMessage,
  type CompactionStrategy,
} from '../../../src/index.js'

interface Input {
  readonly strategy:
    | { readonly kind: 'none' }
    | { readonly kind: 'window'; readonly maxMessages: number; readonly keepSystem?: boolean }
    | { readonly kind: 'tokenBudget'; readonly maxTokens: number; readonly keepSystem?: boolean }
  readonly messages: readonly ChatMessage[]
}

interface Expected {
  readonly compactOnce: readonly number[]
  readonly afterAddingEach: readonly number[]
}

export function memory({ strategy: given, messages }: Input, { compactOnce, afterAddingEach }: Expected) {
  const strategy: CompactionStrategy = given.kind === 'tokenBudget' ? { ...given, kind: 'token_budget' } : given
  const numbered = messages.map((message, index) => ({ ...message, index }))
  deepStrictEqual(indices(compactMessages(numbered, strategy)), compactOnce)
  const conversation = createConversationMemory<(typeof numbered)[number]>({ strategy })
  for (const message of numbered) conversation.add(message)
  deepStrictEqual(indices(conversation.messages()), afterAddingEach)
}

function indices(messages: readonly { readonly index: number }[]): readonly number[] {
  return messages.map(({ index }) => index)
}
