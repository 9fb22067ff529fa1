import { InvalidArgumentError } from '../../slices/rules/errors.js'
import { noUsage, parseUsage, type UsageInput, type UsageSnapshot } from '../../slices/rules/tokens.js'
import { readAiSdk, readAiSdk4 } from './aiSdk.js'
import { asFields, field, hasAny, isThere, type Fields } from './fields.js'
import { readChatCompletions, readConverse, readGenAi, readMessages, readResponses } from './providers.js'
import { countToolCalls } from './toolCalls.js'

const ACCEPTED =
  'what OpenAI (prompt_tokens or input_tokens), Anthropic (input_tokens), Google GenAI (promptTokenCount), ' +
  `Amazon Bedrock or the AI SDK (inputTokens) report, or an object with some of ${Object.keys(noUsage).join(', ')}`

/**
 * Reads what a model call used from what an SDK returned for it, or from the usage in that: of OpenAI (Chat Completions and
 * Responses), Anthropic, Google GenAI, Amazon Bedrock (Converse), the Vercel AI SDK, and in this runtime's own shape. It goes by
 * the fields that are there, so servers and SDKs that report as these do are read too. `inputTokens` are without the cached
 * ones, whichever way the provider counts. Tool calls are counted where the response shows them.
 *
 * A stream has to be over: give it the last chunk that has a usage, or for `streamText` of the AI SDK what its `totalUsage`
 * resolves to.
 *
 * @throws {InvalidArgumentError} There is no usage, or none of these, or a count is not a non-negative integer. The error names
 * the field as the provider does, and holds nothing of the response but that.
 * @example
 * await session.runTurn(({ signal }) => client.chat.completions.create(request, { signal }), { usage: readProviderUsage })
 * @example
 * runtime.orchestrator({ role: 'writer', phase: 'draft', readUsage: readProviderUsage })
 */
export function readProviderUsage(response: unknown): UsageSnapshot {
  const given = asFields(response) ?? {}
  const nested = nestedUsage(given)
  const usage = isThere(nested) ? asFields(nested) : given
  const input = usage && readShape(usage, given)
  if (!input) throw new InvalidArgumentError('usage', nested, ACCEPTED)
  const snapshot = parseUsage(input)
  return isThere(input.toolCalls) ? snapshot : { ...snapshot, toolCalls: countToolCalls(given) }
}

/** The AI SDK has `totalUsage` of all steps, and in some versions `usage` of the last. Google has `usageMetadata`. */
function nestedUsage(response: Fields): unknown {
  return ['totalUsage', 'usage', 'usageMetadata'].map((name) => field(response, name)).find(isThere)
}

function readShape(usage: Fields, response: Fields): UsageInput | undefined {
  if (hasAny(usage, ['prompt_tokens', 'completion_tokens'])) return readChatCompletions(usage)
  if (hasAny(usage, ['input_tokens', 'output_tokens'])) {
    // Without details the two count alike.
    return hasAny(usage, ['input_tokens_details']) ? readResponses(usage) : readMessages(usage)
  }
  if (hasAny(usage, ['promptTokenCount', 'candidatesTokenCount', 'thoughtsTokenCount'])) return readGenAi(usage)
  if (hasAny(usage, ['promptTokens', 'completionTokens'])) return readAiSdk4(usage)
  if (!isOwn(usage)) return undefined
  if (hasAny(usage, ['cacheReadInputTokens', 'cacheWriteInputTokens'])) return readConverse(usage)
  const isAiSdk = hasAny(usage, ['inputTokenDetails', 'cachedInputTokens', 'totalTokens'])
  return isAiSdk ? readAiSdk(usage, response) : usage
}

/** `toolCalls` alone tells nothing: in responses it is a list. */
function isOwn(usage: Fields): boolean {
  const { toolCalls: _, ...rest } = noUsage
  return hasAny(usage, Object.keys(rest)) || typeof field(usage, 'toolCalls') === 'number'
}
