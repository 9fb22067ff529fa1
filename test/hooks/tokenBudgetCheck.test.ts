import { describe, expect, it } from 'vitest'
import { createTokenBudgetCheck, HookBudgetExceededError, type TokenBudgetCheckOptions } from '../../src/index.js'
import { rejection } from '../support/runtime.js'
import { infoOf } from './info.js'

function check(options: TokenBudgetCheckOptions, input: unknown): Promise<unknown> {
  return createTokenBudgetCheck(options).beforeModel?.(input, infoOf('your-model')) as Promise<unknown>
}

/** The text that the check finds in an input. */
async function textIn(input: unknown): Promise<string | undefined> {
  let seen: string | undefined
  await check({ maxTokens: 0, estimate: (text) => ((seen = text), 0) }, input)
  return seen
}

describe('a check of the token budget', () => {
  it('refuses a prompt above the budget, and lets one pass that reaches it [HOOK-9]', async () => {
    expect(await check({ maxTokens: 2 }, 'x'.repeat(11))).toBeUndefined()
    const error = await rejection(check({ maxTokens: 2 }, 'x'.repeat(12)))
    expect(error).toBeInstanceOf(HookBudgetExceededError)
    expect(error).toMatchObject({ code: 'hook_budget_exceeded', estimatedTokens: 3, maxTokens: 2 })
    expect(error).toMatchObject({ message: 'the prompt is about 3 tokens long, and 2 are allowed' })
  })

  it.each<[string, unknown, string]>([
    ['a text', 'hello', 'hello'],
    [
      'messages',
      [
        { role: 'system', content: 'be brief' },
        { role: 'user', content: 'hello' },
      ],
      'be brief\nhello',
    ],
    ['messages in parts', [{ content: [{ type: 'text', text: 'a' }, { type: 'image', url: 'data:' }, 'b'] }], 'a\nb'],
    ['a request', { model: 'm', system: 's', messages: [{ content: 'hello' }, { content: null }] }, 's\nhello'],
    ['another request', { instructions: 'i', input: [{ content: [{ text: 'hello' }] }] }, 'i\nhello'],
    ['nothing', undefined, ''],
    ['something else', 42, ''],
  ])('reads %s [HOOK-9]', async (_what, input, expected) => {
    expect(await textIn(input)).toBe(expected)
  })

  it('counts with the tokenizer that it is given, now or later', async () => {
    const words = (text: string) => text.split(' ').length
    expect(await check({ maxTokens: 2, estimate: words }, 'two words')).toBeUndefined()
    expect(await rejection(check({ maxTokens: 2, estimate: words }, 'one two three'))).toMatchObject({
      estimatedTokens: 3,
    })
    const later = (text: string) => Promise.resolve(text.length)
    expect(await rejection(check({ maxTokens: 2, estimate: later }, 'abc'))).toMatchObject({ estimatedTokens: 3 })
  })

  it.each([NaN, -1])('does not take %d for an estimate', async (estimated) => {
    expect(await rejection(check({ maxTokens: 2, estimate: () => estimated }, 'abc'))).toMatchObject({
      code: 'invalid_argument',
      field: 'estimate()',
    })
  })

  it('is at one point only', () => {
    expect(Object.keys(createTokenBudgetCheck({ maxTokens: 1 }))).toEqual(['name', 'beforeModel'])
  })

  it.each<[string, object]>([
    ['maxTokens', {}],
    ['maxTokens', { maxTokens: 1.5 }],
    ['maxTokens', { maxTokens: -1 }],
    ['estimate', { maxTokens: 1, estimate: 4 }],
    ['name', { maxTokens: 1, name: ' ' }],
  ])('names %s when that is not usable', (field, options) => {
    expect(() => createTokenBudgetCheck(options as never)).toThrow(
      expect.objectContaining({ code: 'invalid_argument', field }),
    )
  })
})
