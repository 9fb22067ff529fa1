import type { UsageInput } from '../../slices/rules/tokens.js'
import { asFields, asList, count, field, soleTtl, uncached, type Fields } from './fields.js'

/**
 * OpenAI Chat Completions, and the many servers that speak it. Source: OpenAI API reference, Chat Completions, `usage`.
 * `prompt_tokens` counts the cached tokens of `prompt_tokens_details` too, `completion_tokens` those of reasoning.
 */
export function readChatCompletions(usage: Fields): UsageInput {
  return readOpenAi(usage, 'prompt_tokens', 'completion_tokens')
}

/** OpenAI Responses. Source: OpenAI API reference, Responses, `usage`. It counts as Chat Completions do, under other names. */
export function readResponses(usage: Fields): UsageInput {
  return readOpenAi(usage, 'input_tokens', 'output_tokens')
}

function readOpenAi(usage: Fields, input: string, output: string): UsageInput {
  const details = asFields(field(usage, `${input}_details`))
  const cacheReadTokens = count(details, 'cached_tokens', `${input}_details.`)
  const cacheWriteTokens = count(details, 'cache_write_tokens', `${input}_details.`)
  return {
    inputTokens: uncached(count(usage, input), cacheReadTokens + cacheWriteTokens, input),
    outputTokens: count(usage, output),
    cacheReadTokens,
    cacheWriteTokens,
  }
}

/**
 * Anthropic Messages. Source: Anthropic API reference, Messages, `usage`: `input_tokens` counts no cached tokens, and
 * `cache_creation` splits those that were written by lifetime. And its guide to compaction: the totals leave out what a
 * compaction used, which is in `iterations`.
 */
export function readMessages(usage: Fields): UsageInput {
  const parts = [usage, ...compactionsOf(usage)]
  const sum = (name: string) => parts.reduce((total, part) => total + count(part, name), 0)
  const written = (name: string) =>
    parts.reduce((total, part) => total + count(asFields(field(part, 'cache_creation')), name, 'cache_creation.'), 0)
  return {
    inputTokens: sum('input_tokens'),
    outputTokens: sum('output_tokens'),
    cacheReadTokens: sum('cache_read_input_tokens'),
    cacheWriteTokens: sum('cache_creation_input_tokens'),
    cacheTtl: soleTtl({ '5m': written('ephemeral_5m_input_tokens'), '1h': written('ephemeral_1h_input_tokens') }),
  }
}

function compactionsOf(usage: Fields): readonly Fields[] {
  const iterations = asList(field(usage, 'iterations')).map(asFields)
  return iterations.filter(
    (iteration) => iteration !== undefined && field(iteration, 'type') === 'compaction',
  ) as Fields[]
}

/**
 * Google GenAI. Source: Gemini API reference, generateContent, `UsageMetadata`: `promptTokenCount` counts the cached content
 * too, prompts of tools are counted apart from it, and thoughts apart from candidates. Thoughts are billed as output.
 */
export function readGenAi(usage: Fields): UsageInput {
  const cacheReadTokens = count(usage, 'cachedContentTokenCount')
  const prompt = count(usage, 'promptTokenCount') + count(usage, 'toolUsePromptTokenCount')
  return {
    inputTokens: uncached(prompt, cacheReadTokens, 'promptTokenCount'),
    outputTokens: count(usage, 'candidatesTokenCount') + count(usage, 'thoughtsTokenCount'),
    cacheReadTokens,
  }
}

/**
 * Amazon Bedrock Converse. Source: Amazon Bedrock API reference, `TokenUsage`: cached tokens are counted apart from
 * `inputTokens`, and `cacheDetails` splits those that were written by lifetime.
 */
export function readConverse(usage: Fields): UsageInput {
  const written: Record<string, number> = {}
  for (const detail of asList(field(usage, 'cacheDetails')).map(asFields)) {
    written[String(field(detail, 'ttl'))] = count(detail, 'inputTokens', 'cacheDetails.')
  }
  return {
    inputTokens: count(usage, 'inputTokens'),
    outputTokens: count(usage, 'outputTokens'),
    cacheReadTokens: count(usage, 'cacheReadInputTokens'),
    cacheWriteTokens: count(usage, 'cacheWriteInputTokens'),
    cacheTtl: soleTtl(written),
  }
}
