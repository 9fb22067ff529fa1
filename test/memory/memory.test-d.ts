import {
  compactMessages,
  createConversationMemory,
  type ChatMessage,
  type CompactionStrategy,
  type ConversationMemory,
  type Json,
  type JsonObject,
} from 'redux-agent-runtime'
import { describe, expectTypeOf, it } from 'vitest'

interface ToolMessage extends ChatMessage {
  readonly toolCallId: string
}

declare const strategy: CompactionStrategy

describe('a conversation memory', () => {
  it('takes messages with any further fields of JSON', () => {
    const memory = createConversationMemory({ strategy })
    memory.add({ role: 'tool', content: '', toolCallId: 'call-1' })
    expectTypeOf(memory.messages()[0]!['toolCallId']).toEqualTypeOf<Json | undefined>()
    expectTypeOf(memory.messages()[0]!.content).toEqualTypeOf<string>()
    // @ts-expect-error: a message has content
    memory.add({ role: 'tool' })
    // @ts-expect-error: a date is not JSON
    memory.add({ role: 'tool', content: '', at: new Date(0) })
  })

  it('has JSON for messages, and begins with those of another', () => {
    expectTypeOf({ messages: createConversationMemory().messages() }).toExtend<JsonObject>()
    const memory = createConversationMemory<ChatMessage>({ messages: [{ role: 'user', content: '' }] })
    expectTypeOf({ messages: memory.messages() }).toExtend<JsonObject>()
    createConversationMemory({ messages: memory.messages() })
    // @ts-expect-error: a message has content
    createConversationMemory({ messages: [{ role: 'user' }] })
  })

  it('knows its messages when it is told their type', () => {
    const memory = createConversationMemory<ToolMessage>({
      strategy: { kind: 'token_budget', maxTokens: 5, estimate: ({ toolCallId }) => toolCallId.length },
    })
    expectTypeOf(memory).toEqualTypeOf<ConversationMemory<ToolMessage>>()
    // @ts-expect-error: the field is missing
    memory.add({ role: 'tool', content: '' })
  })
})

describe('compaction', () => {
  it('gives messages of the type that it was given', () => {
    expectTypeOf(compactMessages([] as ToolMessage[], strategy)).toEqualTypeOf<readonly ToolMessage[]>()
  })
})
