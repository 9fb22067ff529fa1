import { evaluateQuality, type QualityLevelInput } from '../../../src/index.js'
import { attempt } from '../errors.js'
import { expectEqual } from '../suite.js'

interface Input {
  readonly required: unknown
  readonly observed: unknown
  readonly numeric?: boolean
}

export async function qualityGate({ required, observed, numeric = false }: Input, expected: object) {
  const level = (given: unknown) =>
    (numeric || given === null ? given : levelName(given as string)) as QualityLevelInput
  const { value, error } = await attempt(() => evaluateQuality(level(required), level(observed)))
  const outcome = value && { satisfied: value.satisfied, requiredLevel: value.required, observedLevel: value.observed }
  expectEqual(expected, error === undefined ? outcome : { error }, 'outcome')
}

export function levelName(level: string): QualityLevelInput {
  return level.toLowerCase() as QualityLevelInput
}
