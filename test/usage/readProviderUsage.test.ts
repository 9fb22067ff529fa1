import type OpenAI from 'openai'
import { describe, expect, it } from 'vitest'
import { noUsage, type UsageSnapshot } from '../../slices/rules/tokens.js'
import { InvalidArgumentError, readProviderUsage } from '../../src/index.js'
import { createTestRuntime, rejection } from '../support/runtime.js'

/** A case: what was returned, and what of it is not 0. */
type Case = readonly [name: string, response: unknown, used: Partial<UsageSnapshot>]

function itReads(cases: readonly Case[]) {
  it.each(cases)('%s [USE-10]', (_name, response, used) => {
    expect(readProviderUsage(response)).toEqual({ ...noUsage, ...used })
  })
}

const chatUsage: OpenAI.CompletionUsage = {
  prompt_tokens: 2_600,
  completion_tokens: 300,
  total_tokens: 2_900,
  prompt_tokens_details: { cached_tokens: 2_000, cache_write_tokens: 400, audio_tokens: 0 },
  completion_tokens_details: { reasoning_tokens: 128 },
}

describe('OpenAI Chat Completions', () => {
  const call = { id: 'call-1', type: 'function', function: { name: 'f', arguments: '{}' } } as const
  const read = { inputTokens: 200, outputTokens: 300, cacheReadTokens: 2_000, cacheWriteTokens: 400 }
  itReads([
    ['counts cached tokens out of the prompt', { choices: [], usage: chatUsage }, read],
    ['reads the usage by itself', chatUsage, read],
    [
      'counts tool calls',
      { choices: [{ message: { content: null, tool_calls: [call, call] } }], usage: chatUsage },
      { ...read, toolCalls: 2 },
    ],
    ['reads a usage without details', { prompt_tokens: 7, completion_tokens: 3 }, { inputTokens: 7, outputTokens: 3 }],
    [
      'reads details that are null',
      { prompt_tokens: 7, completion_tokens: 3, prompt_tokens_details: null },
      { inputTokens: 7, outputTokens: 3 },
    ],
    ['reads an embedding, which has no output', { usage: { prompt_tokens: 7, total_tokens: 7 } }, { inputTokens: 7 }],
  ])
})

describe('OpenAI Responses', () => {
  const usage: OpenAI.Responses.ResponseUsage = {
    input_tokens: 2_600,
    input_tokens_details: { cached_tokens: 2_000, cache_write_tokens: 400 },
    output_tokens: 300,
    output_tokens_details: { reasoning_tokens: 128 },
    total_tokens: 2_900,
  }
  const read = { inputTokens: 200, outputTokens: 300, cacheReadTokens: 2_000, cacheWriteTokens: 400 }
  itReads([
    ['counts cached tokens out of the input', { output: [], usage }, read],
    ['reads the usage by itself', usage, read],
    [
      'counts the calls that the caller has to answer',
      {
        output: [
          { type: 'reasoning' },
          { type: 'function_call' },
          { type: 'web_search_call' },
          { type: 'custom_tool_call' },
        ],
        usage,
      },
      { ...read, toolCalls: 2 },
    ],
  ])
})

describe('Anthropic Messages', () => {
  const usage = {
    input_tokens: 50,
    output_tokens: 500,
    cache_read_input_tokens: 10_000,
    cache_creation_input_tokens: 248,
    cache_creation: { ephemeral_5m_input_tokens: 248, ephemeral_1h_input_tokens: 0 },
    server_tool_use: { web_search_requests: 1 },
    service_tier: 'standard',
  }
  const read = {
    inputTokens: 50,
    outputTokens: 500,
    cacheReadTokens: 10_000,
    cacheWriteTokens: 248,
    cacheTtl: '5m',
  }
  const tiers = (fiveMinutes: number, oneHour: number) => ({
    ...usage,
    cache_creation: { ephemeral_5m_input_tokens: fiveMinutes, ephemeral_1h_input_tokens: oneHour },
  })
  itReads([
    ['takes the input as it is', { type: 'message', content: [], usage }, read],
    ['reads the usage by itself', usage, read],
    ['names the lifetime of an hour', tiers(0, 248), { ...read, cacheTtl: '1h' }],
    ['names no lifetime when two were written', tiers(100, 148), { ...read, cacheTtl: null }],
    [
      'names no lifetime when none is told',
      { input_tokens: 5, output_tokens: 6, cache_creation_input_tokens: 7 },
      { inputTokens: 5, outputTokens: 6, cacheWriteTokens: 7 },
    ],
    [
      'counts the blocks that use a tool of the caller',
      { content: [{ type: 'text' }, { type: 'tool_use' }, { type: 'server_tool_use' }, { type: 'tool_use' }], usage },
      { ...read, toolCalls: 2 },
    ],
    [
      'reads the usage of an event in a stream, with its nulls',
      { type: 'message_delta', usage: { output_tokens: 15, input_tokens: null, cache_read_input_tokens: null } },
      { outputTokens: 15 },
    ],
    [
      'adds what a compaction used, which the totals leave out',
      {
        input_tokens: 23_000,
        output_tokens: 1_000,
        iterations: [
          { type: 'compaction', input_tokens: 180_000, output_tokens: 3_500 },
          { type: 'message', input_tokens: 23_000, output_tokens: 1_000 },
        ],
      },
      { inputTokens: 203_000, outputTokens: 4_500 },
    ],
    [
      'reads two counts, as OpenAI Responses would be',
      { input_tokens: 9, output_tokens: 4 },
      { inputTokens: 9, outputTokens: 4 },
    ],
  ])
})

describe('Google GenAI', () => {
  const usageMetadata = {
    promptTokenCount: 1_000,
    cachedContentTokenCount: 400,
    toolUsePromptTokenCount: 30,
    candidatesTokenCount: 60,
    thoughtsTokenCount: 190,
    totalTokenCount: 1_280,
  }
  const read = { inputTokens: 630, outputTokens: 250, cacheReadTokens: 400 }
  itReads([
    ['counts cached content out of the prompt, and thoughts as output', { candidates: [], usageMetadata }, read],
    ['reads the usage by itself', usageMetadata, read],
    [
      'reads a prompt that was blocked',
      { usageMetadata: { promptTokenCount: 8, totalTokenCount: 8 } },
      { inputTokens: 8 },
    ],
    [
      'counts the calls of functions',
      {
        candidates: [{ content: { parts: [{ text: 'x' }, { functionCall: { name: 'f', args: {} } }] } }],
        usageMetadata,
      },
      { ...read, toolCalls: 1 },
    ],
  ])
})

describe('Amazon Bedrock Converse', () => {
  const usage = {
    inputTokens: 50,
    outputTokens: 20,
    totalTokens: 570,
    cacheReadInputTokens: 400,
    cacheWriteInputTokens: 100,
  }
  const read = { inputTokens: 50, outputTokens: 20, cacheReadTokens: 400, cacheWriteTokens: 100 }
  itReads([
    ['takes the input as it is', { output: { message: {} }, usage }, read],
    [
      'names the lifetime of what was written',
      { ...usage, cacheDetails: [{ ttl: '1h', inputTokens: 100 }] },
      { ...read, cacheTtl: '1h' },
    ],
  ])
})

describe('the Vercel AI SDK', () => {
  const usage = {
    inputTokens: 1_000,
    inputTokenDetails: { noCacheTokens: 300, cacheReadTokens: 600, cacheWriteTokens: 100 },
    outputTokens: 80,
    outputTokenDetails: { textTokens: 50, reasoningTokens: 30 },
    totalTokens: 1_080,
    cachedInputTokens: 600,
    reasoningTokens: 30,
  }
  const read = { inputTokens: 300, outputTokens: 80, cacheReadTokens: 600, cacheWriteTokens: 100 }
  const noDetails = { noCacheTokens: undefined, cacheReadTokens: undefined, cacheWriteTokens: undefined }
  const version5 = { inputTokens: 1_000, outputTokens: 80, totalTokens: 1_080, cachedInputTokens: 600 }
  const step = { toolCalls: [{ toolName: 'a' }], usage: { inputTokens: 1, outputTokens: 1 } }
  itReads([
    ['reads the details of version 6', { text: 'x', usage }, read],
    ['reads the usage by itself', usage, read],
    [
      'takes cached tokens out of the input where the details do not',
      { ...usage, inputTokenDetails: { cacheReadTokens: 600, cacheWriteTokens: 100 } },
      read,
    ],
    [
      'reads details that tell nothing',
      { ...version5, inputTokenDetails: noDetails },
      { inputTokens: 1_000, outputTokens: 80 },
    ],
    ['prefers what all steps used', { usage: step.usage, totalUsage: usage, steps: [] }, read],
    [
      'counts the tool calls of all steps',
      { usage, toolCalls: step.toolCalls, steps: [step, step] },
      { ...read, toolCalls: 2 },
    ],
    [
      'counts the tool calls of a result without steps',
      { usage, toolCalls: step.toolCalls },
      { ...read, toolCalls: 1 },
    ],
    [
      'takes cached tokens out of the input of version 5',
      version5,
      { inputTokens: 400, outputTokens: 80, cacheReadTokens: 600 },
    ],
    [
      'leaves them in where there are more of them than input',
      { ...version5, inputTokens: 12, cachedInputTokens: 6_209 },
      { inputTokens: 12, outputTokens: 80, cacheReadTokens: 6_209 },
    ],
    [
      'reads what version 5 passes on from Anthropic',
      { usage: version5, providerMetadata: { anthropic: { cacheCreationInputTokens: 70 } } },
      { inputTokens: 1_000, outputTokens: 80, cacheReadTokens: 600, cacheWriteTokens: 70 },
    ],
    [
      'adds up what the steps of version 5 wrote to a cache',
      {
        totalUsage: version5,
        providerMetadata: { anthropic: { cacheCreationInputTokens: 5 } },
        steps: [70, null, 5].map((tokens) => ({
          toolCalls: [],
          providerMetadata: { anthropic: { cacheCreationInputTokens: tokens } },
        })),
      },
      { inputTokens: 1_000, outputTokens: 80, cacheReadTokens: 600, cacheWriteTokens: 75 },
    ],
    [
      'reads flat counts',
      { usage: { inputTokens: 5, outputTokens: 6, totalTokens: 11 } },
      { inputTokens: 5, outputTokens: 6 },
    ],
    [
      'reads the counts of version 4',
      { usage: { promptTokens: 5, completionTokens: 6, totalTokens: 11 } },
      { inputTokens: 5, outputTokens: 6 },
    ],
    [
      'passes over a getter that throws',
      Object.defineProperty({ usage: version5 }, 'output', {
        get: () => {
          throw new Error('no output was generated')
        },
      }),
      { inputTokens: 400, outputTokens: 80, cacheReadTokens: 600 },
    ],
  ])
})

describe("the runtime's own shape", () => {
  const snapshot: UsageSnapshot = {
    inputTokens: 10,
    outputTokens: 20,
    cacheReadTokens: 30,
    cacheWriteTokens: 40,
    cacheTtl: '1h',
    toolCalls: 2,
  }
  itReads([
    ['is read as it is', snapshot, snapshot],
    ['is read from what was returned', { text: 'x', usage: snapshot }, snapshot],
    [
      'is read with its tiers',
      { usage: { inputTokens: { total: 10, cacheRead: 4 }, outputTokens: { total: 2 } } },
      { inputTokens: 6, cacheReadTokens: 4, outputTokens: 2 },
    ],
    ['has its own count of tool calls', { toolCalls: [1], usage: { toolCalls: 0 } }, {}],
    [
      'has that of the response otherwise',
      { toolCalls: [1], usage: { outputTokens: 3 } },
      { outputTokens: 3, toolCalls: 1 },
    ],
  ])
})

describe('what is no usage', () => {
  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'SECRET answer'],
    ['a response without a usage', { text: 'SECRET answer' }],
    ['a response with a list of tool calls only', { toolCalls: ['SECRET'] }],
    ['a chunk of a stream, before the last', { choices: [{ delta: { content: 'SECRET' } }], usage: null }],
    ['a usage of nothing', { usage: {} }],
    ['a usage of another shape', { usage: { tokens: 5 } }],
    [
      'a usage that is not told',
      { usage: { inputTokens: undefined, outputTokens: undefined, totalTokens: undefined } },
    ],
    ['a usage that is still to come', { usage: Promise.resolve({ inputTokens: 5 }) }],
    ['a total alone', { usageMetadata: { totalTokenCount: 5 } }],
    ['a number', { usage: 5 }],
  ])('is refused, and never 0: %s [USE-3, USE-11]', (_name, response) => {
    const read = () => readProviderUsage(response)
    expect(read).toThrow(InvalidArgumentError)
    expect(read).toThrow(/^usage must be what OpenAI .*, Anthropic .*, Google GenAI .* report, or an object with/)
    expect(read).toThrow(expect.objectContaining({ field: 'usage' }))
    expect(read).not.toThrow(/SECRET/)
    expect(read).toThrow(expect.not.objectContaining({ value: expect.stringContaining('SECRET') as string }))
  })

  it('leaves the response out of the error', () => {
    for (const response of ['SECRET', { text: 'SECRET' }, { toolCalls: ['SECRET'] }]) {
      expect(() => readProviderUsage(response)).toThrow(expect.objectContaining({ field: 'usage', value: undefined }))
    }
  })

  it.each([
    ['usage.prompt_tokens', { prompt_tokens: NaN, completion_tokens: 1 }],
    ['usage.completion_tokens', { prompt_tokens: 1, completion_tokens: '7' }],
    ['usage.prompt_tokens', { prompt_tokens: 5, completion_tokens: 1, prompt_tokens_details: { cached_tokens: 6 } }],
    ['usage.prompt_tokens_details.cached_tokens', { prompt_tokens: 5, prompt_tokens_details: { cached_tokens: -1 } }],
    ['usage.input_tokens_details.cached_tokens', { input_tokens: 5, input_tokens_details: { cached_tokens: 0.5 } }],
    ['usage.cache_read_input_tokens', { input_tokens: 5, cache_read_input_tokens: -1 }],
    [
      'usage.cache_creation.ephemeral_1h_input_tokens',
      { input_tokens: 5, cache_creation: { ephemeral_1h_input_tokens: 'x' } },
    ],
    ['usage.thoughtsTokenCount', { promptTokenCount: 5, thoughtsTokenCount: Infinity }],
    ['usage.promptTokenCount', { promptTokenCount: 5, cachedContentTokenCount: 6 }],
    ['usage.promptTokens', { promptTokens: NaN, completionTokens: NaN }],
    ['usage.inputTokenDetails.noCacheTokens', { inputTokens: 5, inputTokenDetails: { noCacheTokens: -5 } }],
    ['usage.inputTokens', { inputTokens: 5, inputTokenDetails: { cacheReadTokens: 6 } }],
    ['usage.outputTokens', { outputTokens: 0.5 }],
  ])('is named as the provider does: %s [USE-11]', (field, usage) => {
    expect(() => readProviderUsage({ usage })).toThrow(expect.objectContaining({ code: 'invalid_argument', field }))
  })
})

describe('a turn', () => {
  const completion = { choices: [{ message: { tool_calls: [{}] } }], usage: chatUsage }

  it('is paid for by what its response says', async () => {
    const { orchestrator } = createTestRuntime({ model: 'your-model' })
    const session = await orchestrator.open()
    const { usage } = await session.runTurn(() => completion, { usage: readProviderUsage })
    expect(usage).toMatchObject({ inputTokens: 200, cacheReadTokens: 2_000, toolCalls: 1 })
    expect(session.summary().usage.costUsd).toBe((200 * 3 + 300 * 15) / 1e6)
  })

  it('is paid for so by all turns of an orchestrator', async () => {
    const { orchestrator } = createTestRuntime({ model: 'your-model', readUsage: readProviderUsage })
    const session = await orchestrator.open()
    await session.runTurn(() => completion)
    await session.runTurn(() => ({ usage: { input_tokens: 100, output_tokens: 0 } }))
    expect(session.summary().usage).toMatchObject({ inputTokens: 300, outputTokens: 300, toolCalls: 1 })
  })

  it('keeps its answer when that says nothing of a usage', async () => {
    const { orchestrator } = createTestRuntime({ readUsage: readProviderUsage })
    const session = await orchestrator.open()
    expect(await rejection(session.runTurn(() => 'an answer'))).toMatchObject({
      code: 'usage_unreadable',
      result: { value: 'an answer' },
      cause: { field: 'usage', value: undefined },
    })
  })
})
