import { describe, expect, it } from 'vitest'
import { compactMessages, type ChatMessage, type CompactionStrategy } from '../../src/index.js'

const system = (content: string): ChatMessage => ({ role: 'system', content })
const user = (content: string): ChatMessage => ({ role: 'user', content })
const contents = (messages: readonly ChatMessage[]) => messages.map(({ content }) => content).join(' ')

/** One token a character, so that the budgets below can be read off. */
const estimate = ({ content }: ChatMessage) => content.length

describe('compaction without a strategy', () => {
  it('keeps everything, in a list of its own [MEM-1, MEM-2]', () => {
    const messages = [user('a'), system('b'), user('c')]
    const kept = compactMessages(messages, { kind: 'none' })
    expect(kept).toEqual(messages)
    expect(kept).not.toBe(messages)
  })
})

describe('a window', () => {
  it('keeps the latest messages in the places that those of the system leave [MEM-3]', () => {
    const messages = [user('a'), system('S'), user('b'), user('c'), user('d')]
    expect(contents(compactMessages(messages, { kind: 'window', maxMessages: 3 }))).toBe('S c d')
  })

  it('keeps all messages of the system even when they are more than its size [MEM-3]', () => {
    const messages = [system('S'), user('a'), system('T'), system('U')]
    expect(contents(compactMessages(messages, { kind: 'window', maxMessages: 2 }))).toBe('S T U')
  })

  it('treats all messages alike without keepSystem [MEM-3]', () => {
    const messages = [system('S'), user('a'), user('b')]
    expect(contents(compactMessages(messages, { kind: 'window', maxMessages: 2, keepSystem: false }))).toBe('a b')
  })

  it('counts places and not objects: one message three times is three messages [MEM-6]', () => {
    const same = user('same')
    expect(compactMessages([same, same, same], { kind: 'window', maxMessages: 1 })).toEqual([same])
  })
})

describe('a token budget', () => {
  it('keeps the latest messages that fit, and stops at the first that does not [MEM-3]', () => {
    const messages = [user('a'), user('bbbbb'), user('cc'), user('d')]
    expect(contents(compactMessages(messages, { kind: 'token_budget', maxTokens: 4, estimate }))).toBe('cc d')
  })

  it('keeps all messages of the system, and others in what they leave [MEM-3]', () => {
    const messages = [system('SS'), user('aa'), user('bb'), user('c')]
    const budget = { kind: 'token_budget', maxTokens: 5, estimate } as const
    expect(contents(compactMessages(messages, budget))).toBe('SS bb c')
    expect(contents(compactMessages([system('SSSSSS'), ...messages], budget))).toBe('SSSSSS SS')
  })

  it('reckons with a token for four code points, and one at least [MEM-4]', () => {
    const kept = (content: string, maxTokens: number) =>
      compactMessages([user(content)], { kind: 'token_budget', maxTokens }).length === 1
    expect([kept('x'.repeat(8), 2), kept('x'.repeat(9), 2)]).toEqual([true, false])
    expect([kept('🙂'.repeat(8), 2), kept('🙂'.repeat(9), 2)]).toEqual([true, false])
    const empty = [user(''), user('')]
    expect(compactMessages(empty, { kind: 'token_budget', maxTokens: 1 })).toHaveLength(1)
  })

  it('asks the estimate once for each message', () => {
    const asked: string[] = []
    const counting = (message: ChatMessage) => asked.push(message.content)
    compactMessages([user('a'), system('S'), user('b')], { kind: 'token_budget', maxTokens: 1, estimate: counting })
    expect(asked).toEqual(['a', 'S', 'b'])
  })
})

describe('keepNewest', () => {
  const keepNewest = true

  it('keeps the newest message that is not of the system beside a window full of those [MEM-5]', () => {
    const messages = [user('a'), system('S'), user('b'), system('T')]
    const strategy = { kind: 'window', maxMessages: 2 } as const
    expect(contents(compactMessages(messages, strategy))).toBe('S T')
    expect(contents(compactMessages(messages, strategy, { keepNewest }))).toBe('S b T')
  })

  it('keeps a newest message that is larger than the budget, and nothing else but the system [MEM-5]', () => {
    const messages = [system('S'), user('a'), user('bbbbbbbbb')]
    const strategy = { kind: 'token_budget', maxTokens: 4, estimate } as const
    expect(contents(compactMessages(messages, strategy))).toBe('S')
    expect(contents(compactMessages(messages, strategy, { keepNewest }))).toBe('S bbbbbbbbb')
  })

  it('takes its place out of the window when messages of the system are dropped like others', () => {
    const messages = [user('a'), system('S'), system('T'), system('U')]
    const strategy = { kind: 'window', maxMessages: 2, keepSystem: false } as const
    expect(contents(compactMessages(messages, strategy, { keepNewest }))).toBe('a U')
  })

  it('changes nothing where the newest message fits [MEM-2]', () => {
    const messages = [user('a'), user('b'), user('c')]
    expect(contents(compactMessages(messages, { kind: 'window', maxMessages: 2 }, { keepNewest }))).toBe('b c')
  })
})

describe('what cannot be used', () => {
  const messages = [user('a')]

  it.each<[string, unknown]>([
    ['strategy', undefined],
    ['strategy.kind', { kind: 'summary' }],
    ['strategy.maxMessages', { kind: 'window', maxMessages: 0 }],
    ['strategy.maxMessages', { kind: 'window', maxMessages: 2.5 }],
    ['strategy.keepSystem', { kind: 'window', maxMessages: 1, keepSystem: 'yes' }],
    ['strategy.maxTokens', { kind: 'window', maxMessages: 1, maxTokens: 1 }],
    ['strategy.maxTokens', { kind: 'token_budget', maxTokens: NaN }],
    ['strategy.estimate', { kind: 'token_budget', maxTokens: 1, estimate: 4 }],
    ['strategy.estimate', { kind: 'token_budget', maxTokens: 1, estimate: () => 0.25 }],
    ['strategy.estimate', { kind: 'token_budget', maxTokens: 1, estimate: () => -1 }],
    ['strategy.maxMessages', { kind: 'window' }],
  ])('is named as %s [MEM-1]', (field, strategy) => {
    expect(() => compactMessages(messages, strategy as CompactionStrategy)).toThrow(
      expect.objectContaining({ code: 'invalid_argument', field }),
    )
  })

  it('is said to be missing in words of its own', () => {
    expect(() => compactMessages(messages, { kind: 'window' } as never)).toThrow(
      'strategy.maxMessages must be a positive integer, got undefined',
    )
  })

  it.each<[string, unknown]>([
    ['messages', 'hello'],
    ['messages[1]', [user('a'), null]],
    ['messages[0]', new Array(1)],
    ['messages[1].role', [user('a'), { role: ' ', content: '' }]],
    ['messages[0].content', [{ role: 'user', content: 5 }]],
  ])('is named as %s among the messages [MEM-1]', (field, given) => {
    expect(() => compactMessages(given as ChatMessage[], { kind: 'none' })).toThrow(
      expect.objectContaining({ code: 'invalid_argument', field }),
    )
  })

  it.each<[string, unknown]>([
    ['keepNewest', { keepNewest: 1 }],
    ['keepOldest', { keepOldest: true }],
    ['options', null],
  ])('is named as %s among the options', (field, options) => {
    expect(() => compactMessages(messages, { kind: 'none' }, options as never)).toThrow(
      expect.objectContaining({ code: 'invalid_argument', field }),
    )
  })
})
