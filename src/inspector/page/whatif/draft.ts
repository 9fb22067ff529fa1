import { summarizeUsage } from '../../../../slices/usage.js'
import type { PriceEntry } from '../../../../slices/rules/prices.js'
import type { WhatIfChanges } from '../../../history/whatIfChanges.js'
import type { Run } from '../../model/index.js'

/** What is written in the form, by the name of the field. What is empty stays as it was recorded. */
export type Draft = Readonly<Record<string, string>>

export const SETTINGS = [
  { name: 'budgetUsd', label: 'Budget of a session', unit: '$' },
  { name: 'maxIterations', label: 'Turns of a session', unit: '' },
] as const

export const USAGE_LIMITS = [
  { name: 'maxTotalTokens', label: 'Tokens', unit: '' },
  { name: 'maxOutputTokens', label: 'Tokens out', unit: '' },
  { name: 'maxToolCalls', label: 'Tool calls', unit: '' },
] as const

export const GOVERNANCE = [
  { name: 'max_consecutive_failures', label: 'Failures in a row', unit: '' },
  { name: 'max_repeated_calls', label: 'Repeated tool calls', unit: '' },
] as const

export const RATES = [
  { name: 'inputPerMillion', label: 'In' },
  { name: 'outputPerMillion', label: 'Out' },
  { name: 'cacheReadPerMillion', label: 'Cache read' },
] as const

type RateName = (typeof RATES)[number]['name']

/** A model, or the beginning of the names of several, and what it costs. */
export interface Priced {
  readonly model: string
  /** `null`: no price is known. */
  readonly entry: PriceEntry | null
}

/** All prices in force at the end of a log, and the models that had none. */
export function pricedModels({ last: { pricing, sessions } }: Run): readonly Priced[] {
  const known = Object.entries(pricing.current).map(([model, id]) => ({ model, entry: pricing.entries[id] ?? null }))
  const { unpricedModels } = summarizeUsage(sessions.scopes.runtime.usage, pricing)
  const unknown = unpricedModels.filter((model) => !Object.hasOwn(pricing.current, model))
  return [...known, ...unknown.map((model) => ({ model, entry: null }))]
}

export function rateField(model: string, rate: RateName): string {
  return `${rate} ${model}`
}

/** What is asked for. Whether it makes sense is checked by whoever is asked. `null`: nothing was written. */
export function changesOf(draft: Draft, models: readonly Priced[]): WhatIfChanges | null {
  const number = (name: string) => (draft[name]?.trim() ? Number(draft[name]) : undefined)
  const numbers = (fields: readonly { readonly name: string }[]) =>
    fields.flatMap(({ name }) => {
      const value = number(name)
      return value === undefined ? [] : [[name, value] as const]
    })
  const usageLimits = numbers(USAGE_LIMITS)
  const governance = numbers(GOVERNANCE)
  const pricing = models.flatMap((priced) => changedPrice(priced, number))
  const changes = {
    ...Object.fromEntries(numbers(SETTINGS)),
    ...(usageLimits.length > 0 && { usageLimits: Object.fromEntries(usageLimits) }),
    ...(governance.length > 0 && { governance: governance.map(([limit, value]) => ({ limit, value })) }),
    ...(pricing.length > 0 && { pricing: Object.fromEntries(pricing) }),
  }
  return Object.keys(changes).length === 0 ? null : (changes as WhatIfChanges)
}

function changedPrice({ model, entry }: Priced, number: (name: string) => number | undefined) {
  const changed = RATES.flatMap(({ name }) => {
    const rate = number(rateField(model, name))
    return rate === undefined ? [] : [[name, rate] as const]
  })
  if (changed.length === 0) return []
  const recorded = entry ? { ...recordedRates(entry), match: entry.match } : { inputPerMillion: 0, outputPerMillion: 0 }
  return [[model, { ...recorded, ...Object.fromEntries(changed) }] as const]
}

/** Without the cache rates that nobody gave. */
function recordedRates({ rates, unpricedCache }: PriceEntry) {
  const { cacheReadPerMillion, cacheWritePerMillion, ...others } = rates
  const lacks = (kind: 'read' | 'write') => unpricedCache === kind || unpricedCache === 'both'
  return {
    ...others,
    ...(!lacks('read') && { cacheReadPerMillion }),
    ...(!lacks('write') && { cacheWritePerMillion }),
  }
}
