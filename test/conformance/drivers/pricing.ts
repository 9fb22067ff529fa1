import {
  cacheWriteRate,
  costUsd,
  createAgentRuntime,
  parseUsage,
  type ModelPricing,
  type UsageInput,
} from '../../../src/index.js'
import { attempt } from '../errors.js'
import { expectEqual, type VectorFile } from '../suite.js'

interface Input {
  readonly registrations: readonly {
    readonly model: string
    readonly pricing: ModelPricing
    readonly onConflict?: 'overwrite' | 'error' | 'keep'
  }[]
  readonly model: string
  readonly usage: UsageInput
}

export async function pricing({ registrations, model, usage }: Input, expected: object, file: VectorFile) {
  const runtime = createAgentRuntime()
  const registrationResults: string[] = []
  for (const { model: name, pricing: rates, onConflict } of registrations) {
    const { error } = await attempt(() => runtime.registerPricing(name, rates, { onConflict }))
    registrationResults.push(error ?? 'ok')
  }
  const { value, error } = await attempt(() => {
    const rates = runtime.select.rates(model)
    const snapshot = parseUsage(usage)
    return {
      hasPricing: runtime.select.isPriced(model),
      pricing: rates,
      cacheWriteRate: cacheWriteRate(rates, snapshot.cacheTtl),
      cost: costUsd(snapshot, rates),
    }
  })
  const tolerance = file['tolerance'] as number | undefined
  expectEqual(expected, { registrationResults, ...(error === undefined ? value : { error }) }, 'pricing', tolerance)
}
