import { assertArgument, InvalidArgumentError } from './errors.js'
import { isPlainObject } from './json.js'

/** What one model call used. Counts are non-negative integers; `inputTokens` are those read neither from nor into a cache. */
export interface UsageSnapshot {
  readonly inputTokens: number
  readonly outputTokens: number
  readonly cacheWriteTokens: number
  readonly cacheReadTokens: number
  /** How long written cache entries live, as the provider names it: `5m`, `1h`. Decides the cache write rate. */
  readonly cacheTtl: string | null
  /** Tool calls the model asked for in this call. */
  readonly toolCalls: number
}

/** Usage as providers and SDKs report it: flat counts, or input and output split into tiers. Everything left out is 0. */
export interface UsageInput {
  readonly inputTokens?: number | InputTokenTiers | undefined
  readonly outputTokens?: number | { readonly total?: number | null | undefined } | undefined
  readonly cacheWriteTokens?: number | undefined
  readonly cacheReadTokens?: number | undefined
  readonly cacheTtl?: string | null | undefined
  readonly toolCalls?: number | undefined
}

/** Input tokens by cache tier. `total` counts all three tiers; it is only read when `noCache` is missing. */
export interface InputTokenTiers {
  readonly total?: number | null | undefined
  readonly noCache?: number | null | undefined
  readonly cacheRead?: number | null | undefined
  readonly cacheWrite?: number | null | undefined
}

export const noUsage: UsageSnapshot = {
  inputTokens: 0,
  outputTokens: 0,
  cacheWriteTokens: 0,
  cacheReadTokens: 0,
  cacheTtl: null,
  toolCalls: 0,
}

/**
 * Usage in the one shape that facts carry.
 *
 * @throws {InvalidArgumentError} A count is not a non-negative integer, or `cacheTtl` is blank. Names the field. Or there is
 * something, and none of it is a field of usage: the usage of another shape is not a usage of 0.
 */
export function parseUsage(usage: UsageInput): UsageSnapshot {
  assertArgument(isUsage(usage), 'usage', usage, `an object with some of ${Object.keys(noUsage).join(', ')}`)
  const input = parseInput(usage.inputTokens)
  return {
    inputTokens: input.noCache,
    outputTokens: parseOutput(usage.outputTokens),
    cacheWriteTokens: input.cacheWrite ?? count('cacheWriteTokens', usage.cacheWriteTokens),
    cacheReadTokens: input.cacheRead ?? count('cacheReadTokens', usage.cacheReadTokens),
    cacheTtl: parseTtl(usage.cacheTtl),
    toolCalls: count('toolCalls', usage.toolCalls),
  }
}

export function hasUsage(usage: UsageSnapshot): boolean {
  return usage.inputTokens + usage.outputTokens + usage.cacheWriteTokens + usage.cacheReadTokens + usage.toolCalls > 0
}

function isUsage(usage: unknown): boolean {
  if (typeof usage !== 'object' || usage === null || Array.isArray(usage)) return false
  if (Object.keys(noUsage).some((field) => field in usage)) return true
  return isPlainObject(usage) && Object.keys(usage).length === 0
}

interface ParsedInput {
  readonly noCache: number
  readonly cacheRead?: number
  readonly cacheWrite?: number
}

function parseInput(input: UsageInput['inputTokens']): ParsedInput {
  if (!isTiers(input)) return { noCache: count('inputTokens', input) }
  const cacheRead = count('inputTokens.cacheRead', input.cacheRead ?? 0)
  const cacheWrite = count('inputTokens.cacheWrite', input.cacheWrite ?? 0)
  if (typeof input.noCache === 'number') {
    return { noCache: count('inputTokens.noCache', input.noCache), cacheRead, cacheWrite }
  }
  const total = count('inputTokens.total', input.total ?? undefined)
  assertArgument(
    total >= cacheRead + cacheWrite,
    'usage.inputTokens.total',
    total,
    'at least its cached tiers together',
  )
  return { noCache: total - cacheRead - cacheWrite, cacheRead, cacheWrite }
}

function parseOutput(output: UsageInput['outputTokens']): number {
  return isTiers(output) ? count('outputTokens.total', output.total ?? undefined) : count('outputTokens', output)
}

function isTiers<Tiers extends { readonly total?: number | null | undefined }>(
  tokens: number | Tiers | undefined,
): tokens is Tiers {
  return isPlainObject(tokens) && ('total' in tokens || 'noCache' in tokens)
}

function parseTtl(ttl: string | null | undefined): string | null {
  if (ttl === null || ttl === undefined) return null
  assertArgument(typeof ttl === 'string' && ttl.trim() !== '', 'usage.cacheTtl', ttl, 'a non-blank string or null')
  return ttl.trim()
}

function count(field: string, value: number | undefined): number {
  if (value === undefined) return 0
  if (Number.isSafeInteger(value) && value >= 0) return value
  throw new InvalidArgumentError(`usage.${field}`, value, 'a non-negative integer')
}
