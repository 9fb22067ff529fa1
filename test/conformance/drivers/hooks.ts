import { createTokenBudgetCheck, HookBudgetExceededError, redactPii } from '../../../src/index.js'
import { attempt } from '../errors.js'
import { expectEqual } from '../suite.js'

type Input =
  | { readonly hook: 'redactPii'; readonly value: unknown }
  | { readonly hook: 'tokenBudgetCheck'; readonly tokenLimit: number; readonly promptLength: number }

export async function hooks(input: Input, expected: { readonly value?: unknown }) {
  if (input.hook === 'redactPii') {
    expectEqual(expected.value, redactPii(input.value), 'value')
    return
  }
  const check = createTokenBudgetCheck({ maxTokens: input.tokenLimit })
  const info = { sessionId: 'session-1', role: 'r', phase: 'p', name: 'm' }
  const { error, thrown } = await attempt(() => check.beforeModel?.('x'.repeat(input.promptLength), info))
  const numbers = thrown instanceof HookBudgetExceededError ? thrown : undefined
  const actual = { error, estimated: numbers?.estimatedTokens, limit: numbers?.maxTokens }
  expectEqual(expected, actual, 'outcome')
}
