import fc from 'fast-check'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import {
  compactMessages,
  createConversationMemory,
  type ChatMessage,
  type CompactionStrategy,
} from '../../src/index.js'

const keepSystem = fc.constantFrom(undefined, true, false)

/** The length of the content, so that messages may weigh nothing. */
const estimate = ({ content }: ChatMessage) => content.length

const strategies: fc.Arbitrary<CompactionStrategy> = fc.oneof(
  fc.constant({ kind: 'none' as const }),
  fc.record({ kind: fc.constant('window' as const), maxMessages: fc.integer({ min: 1, max: 8 }), keepSystem }),
  fc.record({
    kind: fc.constant('token_budget' as const),
    maxTokens: fc.integer({ min: 1, max: 30 }),
    estimate: fc.constantFrom(undefined, estimate),
    keepSystem,
  }),
)

/** Few different ones, so that one object and equal objects are added again and again. */
const messages = fc
  .array(
    fc.record({
      role: fc.constantFrom('system', 'user', 'assistant', 'tool'),
      content: fc.string({ maxLength: 12, unit: 'grapheme' }),
    }),
    { minLength: 1, maxLength: 5 },
  )
  .chain((few) => fc.array(fc.constantFrom(...few), { maxLength: 60 }))

describe('a conversation memory', () => {
  it('holds what the whole list compacted after each message holds [MEM-6]', () => {
    fc.assert(
      fc.property(messages, strategies, fc.boolean(), (added, strategy, keepNewest) => {
        const memory = createConversationMemory({ strategy, keepNewest })
        let model: readonly (ChatMessage & { readonly at: number })[] = []
        for (const [at, message] of added.entries()) {
          memory.add({ ...message, at })
          model = compactMessages([...model, { ...message, at }], strategy, { keepNewest })
          expect(memory.messages()).toEqual(model)
          expect(memory.size).toBe(model.length)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('tells messages apart by their place, whether they are equal or one object [MEM-6]', () => {
    fc.assert(
      fc.property(messages, strategies, fc.boolean(), (added, strategy, keepNewest) => {
        const memory = createConversationMemory({ strategy, keepNewest })
        const copied = createConversationMemory({ strategy, keepNewest })
        for (const message of added) {
          memory.add(message)
          copied.add({ ...message })
        }
        expect(memory.messages()).toEqual(copied.messages())
      }),
    )
  })

  it('keeps everything when it is given no strategy [MEM-2]', () => {
    const memory = createConversationMemory()
    for (let index = 0; index < 100; index += 1) memory.add({ role: 'user', content: `${index}` })
    expect(memory.size).toBe(100)
  })

  it('keeps further fields, and what they were when the message was added', () => {
    const memory = createConversationMemory()
    const message = { role: 'tool', content: '4 °C', toolCallId: 'call-1' }
    memory.add(message)
    message.content = 'changed'
    expect(memory.messages()).toEqual([{ role: 'tool', content: '4 °C', toolCallId: 'call-1' }])
    expect(Object.isFrozen(memory.messages()[0])).toBe(true)
  })

  it('begins with the messages of another that went through JSON, and goes on like that one [MEM-7]', () => {
    fc.assert(
      fc.property(messages, messages, strategies, fc.boolean(), (before, after, strategy, keepNewest) => {
        const memory = createConversationMemory({ strategy, keepNewest })
        for (const message of before) memory.add(message)
        const kept = JSON.parse(JSON.stringify(memory.messages())) as ChatMessage[]
        const restored = createConversationMemory({ strategy, keepNewest, messages: kept })
        expect(restored.messages()).toEqual(memory.messages())
        for (const message of after) {
          memory.add(message)
          restored.add(message)
          expect(restored.messages()).toEqual(memory.messages())
        }
      }),
    )
  })

  it('begins with as many messages as its strategy keeps', () => {
    const given = ['a', 'b', 'c'].map((content) => ({ role: 'user', content }))
    const memory = createConversationMemory({ strategy: { kind: 'window', maxMessages: 2 }, messages: given })
    expect(memory.messages()).toEqual(given.slice(1))
    expect(memory.size).toBe(2)
  })

  it('gives the same list until another message is added [MEM-6]', () => {
    const memory = createConversationMemory({ strategy: { kind: 'window', maxMessages: 2 } })
    memory.add({ role: 'user', content: 'a' })
    const before = memory.messages()
    expect(memory.messages()).toBe(before)
    memory.add({ role: 'user', content: 'b' })
    expect(before).toHaveLength(1)
    expect(memory.messages()).toHaveLength(2)
    expect(Object.isFrozen(before)).toBe(true)
  })

  it('is as good as new when it is cleared', () => {
    const options = { strategy: { kind: 'window', maxMessages: 2 }, keepNewest: true } as const
    const memory = createConversationMemory(options)
    for (const content of ['S', 'T', 'U']) memory.add({ role: 'system', content })
    memory.add({ role: 'user', content: 'a' })
    memory.clear()
    expect([memory.size, memory.messages()]).toEqual([0, []])
    for (const content of ['b', 'c', 'd']) memory.add({ role: 'user', content })
    expect(memory.messages().map(({ content }) => content)).toEqual(['c', 'd'])
  })

  it('drops a newest message that it spared as soon as there is a newer one', () => {
    const strategy = { kind: 'window', maxMessages: 2, keepSystem: false } as const
    const memory = createConversationMemory({ strategy, keepNewest: true })
    const held = () => memory.messages().map(({ content }) => content)
    memory.add({ role: 'user', content: 'a' })
    for (const content of ['S', 'T', 'U']) memory.add({ role: 'system', content })
    expect(held()).toEqual(['a', 'U'])
    memory.add({ role: 'user', content: 'b' })
    expect(held()).toEqual(['U', 'b'])
  })

  it.each([
    ['everything fits', 1e9, true],
    ['most is dropped', 500, true],
    ['the system alone is over the budget', 1, true],
    ['the newest is spared', 50, false],
  ])('asks for one estimate a message, however many are kept, when %s [MEM-6]', (_, maxTokens, keepSystem) => {
    let asked = 0
    const counting = () => {
      asked += 1
      return 7
    }
    const strategy = { kind: 'token_budget', maxTokens, keepSystem, estimate: counting } as const
    const memory = createConversationMemory({ strategy, keepNewest: true })
    const ADDED = 10_000
    for (let index = 0; index < ADDED; index += 1) {
      memory.add({ role: index % 3 === 0 ? 'system' : 'user', content: `${index}` })
    }
    expect(asked).toBe(ADDED)
  })

  it('holds on to no message that it dropped', async () => {
    const memory = createConversationMemory({ strategy: { kind: 'window', maxMessages: 2 } })
    const watched = Array.from({ length: 20 }, (_, index) => {
      memory.add({ role: 'user', content: `${index}` })
      return new WeakRef(memory.messages().at(-1)!)
    })
    await collectGarbage()
    const held = watched.filter((message) => message.deref() !== undefined)
    // What was dropped is forgotten a few at a time.
    expect(held.length).toBeGreaterThanOrEqual(memory.size)
    expect(held.length).toBeLessThanOrEqual(2 * memory.size)
  })

  it('takes no message whose estimate fails [MEM-4]', () => {
    const failing = ({ content }: ChatMessage) => (content === 'bad' ? NaN : 1)
    const memory = createConversationMemory({ strategy: { kind: 'token_budget', maxTokens: 9, estimate: failing } })
    memory.add({ role: 'user', content: 'good' })
    expect(() => memory.add({ role: 'user', content: 'bad' })).toThrow(
      expect.objectContaining({ code: 'invalid_argument', field: 'strategy.estimate' }),
    )
    expect(memory.messages()).toEqual([{ role: 'user', content: 'good' }])
  })

  it.each<[string, unknown]>([
    ['message', null],
    ['message', 'hello'],
    ['message.role', { content: '' }],
    ['message.role', { role: '\t', content: '' }],
    ['message.content', { role: 'user' }],
  ])('names %s when that is not usable', (field, message) => {
    const memory = createConversationMemory()
    expect(() => memory.add(message as never)).toThrow(expect.objectContaining({ code: 'invalid_argument', field }))
    expect(memory.size).toBe(0)
  })

  it.each<[string, unknown]>([
    ['strategy.maxMessages', { strategy: { kind: 'window', maxMessages: -1 } }],
    ['keepNewest', { keepNewest: 'yes' }],
    ['messages', { messages: 'hello' }],
    ['messages[1].content', { messages: [{ role: 'user', content: '' }, { role: 'user' }] }],
    ['maxMessages', { maxMessages: 5 }],
    ['options', null],
  ])('names the option %s when that is not usable', (field, options) => {
    expect(() => createConversationMemory(options as never)).toThrow(
      expect.objectContaining({ code: 'invalid_argument', field }),
    )
  })
})

/** Weak references hold what they were asked for until the task ends in which they were. */
async function collectGarbage(): Promise<void> {
  await new Promise(setImmediate)
  setFlagsFromString('--expose-gc')
  ;(runInNewContext('gc') as () => void)()
}
