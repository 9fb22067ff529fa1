import { InvalidArgumentError } from './errors.js'

/** Quality levels, lowest first. A level satisfies every gate at or below it. */
export const QUALITY_LEVELS = ['minimal', 'standard', 'strict', 'release'] as const

export type QualityLevel = (typeof QUALITY_LEVELS)[number]

/** A level by name, or by its rank from 1 (`minimal`) to 4 (`release`). */
export type QualityLevelInput = QualityLevel | 1 | 2 | 3 | 4

export interface GateOutcome {
  readonly satisfied: boolean
  readonly required: QualityLevel
  readonly observed: QualityLevel | null
}

export function isAtLeast(observed: QualityLevel, required: QualityLevel): boolean {
  return QUALITY_LEVELS.indexOf(observed) >= QUALITY_LEVELS.indexOf(required)
}

/**
 * Holds an observed level against the one a gate requires. Nothing observed never satisfies a gate.
 *
 * @throws {InvalidArgumentError} Either level is neither a name nor a rank from 1 to 4.
 */
export function evaluateQuality(required: QualityLevelInput, observed: QualityLevelInput | null): GateOutcome {
  const requiredLevel = parseQualityLevel('required', required)
  const observedLevel = observed === null ? null : parseQualityLevel('observed', observed)
  return {
    satisfied: observedLevel !== null && isAtLeast(observedLevel, requiredLevel),
    required: requiredLevel,
    observed: observedLevel,
  }
}

export function parseQualityLevel(field: string, level: unknown): QualityLevel {
  const named =
    typeof level === 'number' ? QUALITY_LEVELS[level - 1] : QUALITY_LEVELS.find((candidate) => candidate === level)
  if (named === undefined) {
    throw new InvalidArgumentError(field, level, `one of ${QUALITY_LEVELS.join(', ')} or a rank from 1 to 4`)
  }
  return named
}
