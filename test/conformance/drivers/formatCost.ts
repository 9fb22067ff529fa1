import { formatCost } from '../../../src/index.js'
import { attempt } from '../errors.js'
import { expectEqual, Mismatch } from '../suite.js'

interface Input {
  readonly costUsd: number | string
}

interface Expected {
  readonly text?: string
  readonly alsoAccepted?: readonly string[]
  readonly error?: string
}

export async function formatCostDriver({ costUsd }: Input, { text, alsoAccepted = [], error }: Expected) {
  const outcome = await attempt(() => formatCost(numberOf(costUsd)))
  expectEqual(error, outcome.error, 'error')
  if (text !== undefined && ![text, ...alsoAccepted].includes(outcome.value ?? '')) {
    throw new Mismatch(`text: expected ${text}, got ${outcome.value ?? 'nothing'}`)
  }
}

/** Numbers that JSON cannot write. */
export function numberOf(value: unknown): number {
  if (value === '@nan') return NaN
  return value === '@inf' ? Infinity : (value as number)
}
