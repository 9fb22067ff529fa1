import type { Fact } from './fact.js'
import { turnAttemptFailed, turnCancelled, turnCompleted, turnFailed, type TurnEnded } from './facts.js'
import { costUsd, formatCost, freeRates, roundUsd, type PriceId, type PriceList } from './rules/prices.js'
import { hasUsage, noUsage, type UsageSnapshot } from './rules/tokens.js'
import { defineSlice } from './slice.js'

/** Integer totals of one model at one price and cache lifetime. Costs are derived from them and never added up. */
export interface UsageEntry extends UsageSnapshot {
  /** As it was named, trimmed. `null`: the turn named none. */
  readonly model: string | null
  readonly price: PriceId
  readonly turns: number
}

export type Usage = readonly UsageEntry[]

/** Facts that say what a call of a turn's function used. */
export const turnCallEnds = [turnCompleted, turnFailed, turnCancelled, turnAttemptFailed] as const

export type TurnCallEnd = Fact<TurnEnded>

export const usage = defineSlice<Usage>([], (on) => {
  on(turnCallEnds, (entries, end) =>
    countsAsUsage(end) ? addUsage(entries, end.payload, turnAttemptFailed.match(end) ? 0 : 1) : entries,
  )
})

/** A call that failed or was aborted counts when it used something, a completed one also when it named its model. */
export function countsAsUsage(end: TurnCallEnd): boolean {
  return hasUsage(end.payload.usage) || (turnCompleted.match(end) && end.payload.model !== null)
}

type Used = Pick<TurnEnded, 'model' | 'price' | 'usage'>

/** @param turns - 0 for a call whose turn goes on. */
export function addUsage(entries: Usage, { model, price, usage }: Used, turns: 0 | 1): Usage {
  const { cacheTtl } = usage
  const index = entries.findIndex(
    (entry) => entry.model === model && entry.price === price && entry.cacheTtl === cacheTtl,
  )
  const before = entries[index] ?? noUsage
  const next = entries.slice()
  next[index < 0 ? entries.length : index] = {
    model,
    price,
    cacheTtl,
    turns: (entries[index]?.turns ?? 0) + turns,
    inputTokens: before.inputTokens + usage.inputTokens,
    outputTokens: before.outputTokens + usage.outputTokens,
    cacheWriteTokens: before.cacheWriteTokens + usage.cacheWriteTokens,
    cacheReadTokens: before.cacheReadTokens + usage.cacheReadTokens,
    toolCalls: before.toolCalls + usage.toolCalls,
  }
  return next
}

/** What was used, and what it cost at the prices that were in force. */
export interface UsageSummary {
  readonly turns: number
  readonly inputTokens: number
  readonly outputTokens: number
  readonly cacheWriteTokens: number
  readonly cacheReadTokens: number
  readonly toolCalls: number
  /** US dollars, to 12 significant digits. Without the unpriced models, if there are any. */
  readonly costUsd: number
  readonly formattedCost: string
  readonly models: readonly ModelUsage[]
  /** Models that used tokens while no price was known for them. The cost does not cover them. */
  readonly unpricedModels: readonly string[]
}

export interface ModelUsage extends Omit<UsageSummary, 'models' | 'unpricedModels' | 'formattedCost'> {
  /** `unspecified` where a turn named none. */
  readonly model: string
  /** Keys of the prices it was charged at. */
  readonly pricedAs: readonly string[]
}

/** What the limits on usage count. */
export function sumUsage(entries: Usage): Pick<UsageSnapshot, 'inputTokens' | 'outputTokens' | 'toolCalls'> {
  return {
    inputTokens: sum(entries, 'inputTokens'),
    outputTokens: sum(entries, 'outputTokens'),
    toolCalls: sum(entries, 'toolCalls'),
  }
}

/** US dollars for all entries together, as exact as doubles are: what limits are checked against. */
export function totalCostUsd(entries: Usage, prices: PriceList): number {
  let sum = 0
  for (const entry of entries) sum += entryCostUsd(entry, prices)
  return sum
}

export function summarizeUsage(entries: Usage, prices: PriceList): UsageSummary {
  const models = [...new Set(entries.map((entry) => modelName(entry)))].map((model) => {
    const ofModel = entries.filter((entry) => modelName(entry) === model)
    const keys = ofModel.map((entry) => priceEntry(entry, prices)?.key)
    return { model, ...sumOf(ofModel, prices), pricedAs: [...new Set(keys.filter((key) => key !== undefined))] }
  })
  const total = sumOf(entries, prices)
  const unpriced = entries.filter((entry) => entry.price === null && hasUsage(entry)).map(modelName)
  return { ...total, formattedCost: formatCost(total.costUsd), models, unpricedModels: [...new Set(unpriced)] }
}

function sumOf(entries: Usage, prices: PriceList) {
  return {
    turns: sum(entries, 'turns'),
    inputTokens: sum(entries, 'inputTokens'),
    outputTokens: sum(entries, 'outputTokens'),
    cacheWriteTokens: sum(entries, 'cacheWriteTokens'),
    cacheReadTokens: sum(entries, 'cacheReadTokens'),
    toolCalls: sum(entries, 'toolCalls'),
    costUsd: roundUsd(totalCostUsd(entries, prices)),
  }
}

function sum(entries: Usage, field: 'turns' | Exclude<keyof UsageSnapshot, 'cacheTtl'>): number {
  return entries.reduce((total, entry) => total + entry[field], 0)
}

function entryCostUsd(entry: UsageEntry, prices: PriceList): number {
  return costUsd(entry, priceEntry(entry, prices)?.rates ?? freeRates)
}

function priceEntry(entry: UsageEntry, prices: PriceList) {
  return entry.price === null ? undefined : prices.entries[entry.price]
}

function modelName(entry: UsageEntry): string {
  return entry.model ?? 'unspecified'
}
