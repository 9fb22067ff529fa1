import type { UsageInput } from '../../slices/rules/tokens.js'
import { asFields, asList, count, field, isThere, uncached, type Fields } from './fields.js'

/**
 * Vercel AI SDK 5 and later. Source: AI SDK Core reference, `LanguageModelUsage`. From version 6 on there are
 * `inputTokenDetails`, and `inputTokens` counts the cached tokens too.
 */
export function readAiSdk(usage: Fields, result: Fields): UsageInput {
  const details = asFields(field(usage, 'inputTokenDetails'))
  const outputTokens = count(usage, 'outputTokens')
  if (!details) return { ...readVersion5(usage, result), outputTokens }
  const cacheReadTokens = count(details, 'cacheReadTokens', 'inputTokenDetails.')
  const cacheWriteTokens = count(details, 'cacheWriteTokens', 'inputTokenDetails.')
  const inputTokens = isThere(field(details, 'noCacheTokens'))
    ? count(details, 'noCacheTokens', 'inputTokenDetails.')
    : uncached(count(usage, 'inputTokens'), cacheReadTokens + cacheWriteTokens, 'inputTokens')
  return { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens }
}

/**
 * Version 5 passes on what the provider counts: OpenAI and Google count cached tokens as input, Anthropic does not, and tells
 * what was written to a cache in its own metadata. More cached tokens than input were not counted as input either.
 */
function readVersion5(usage: Fields, result: Fields): UsageInput {
  const inputTokens = count(usage, 'inputTokens')
  const cacheReadTokens = count(usage, 'cachedInputTokens')
  const steps = asList(field(result, 'steps')).map(asFields)
  const anthropic = (steps.length > 0 ? steps : [result]).map(anthropicMetadata)
  const countsApart = anthropic.some(Boolean) || cacheReadTokens > inputTokens
  return {
    inputTokens: countsApart ? inputTokens : inputTokens - cacheReadTokens,
    cacheReadTokens,
    cacheWriteTokens: anthropic.reduce((total, metadata) => total + count(metadata, 'cacheCreationInputTokens'), 0),
  }
}

function anthropicMetadata(step: Fields | undefined): Fields | undefined {
  return asFields(field(asFields(field(step, 'providerMetadata')), 'anthropic'))
}

/** Vercel AI SDK before version 5. Source: its guide to migrating to 5.0: `promptTokens` became `inputTokens`. */
export function readAiSdk4(usage: Fields): UsageInput {
  return { inputTokens: count(usage, 'promptTokens'), outputTokens: count(usage, 'completionTokens') }
}
