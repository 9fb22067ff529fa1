import { backoffDelayMs, nextProvider, smallerContextBudget, type BackoffOptions } from '../../../src/index.js'
import { attempt } from '../errors.js'
import { expectEqual, Mismatch } from '../suite.js'

interface Input {
  readonly op: 'backoffDelay' | 'nextProvider' | 'smallerContextBudget'
  readonly attempt: number
  readonly base?: number
  readonly cap?: number
  readonly jitter?: BackoffOptions['jitter']
  readonly prevDelay?: number
  readonly available: readonly string[]
  readonly current: string | null
  readonly currentChars: number
  readonly reduction?: number
}

interface Expected {
  readonly value?: number | string | null
  readonly min?: number
  readonly max?: number
  readonly error?: string
}

export async function recoveryHelpers(input: Input, expected: Expected) {
  // The ends and the middle of the random part.
  for (const random of [0, 0.5, 1 - Number.EPSILON]) {
    const { value, error } = await attempt(() => call(input, () => random))
    expectEqual(expected.error, error, 'error')
    if ('value' in expected) expectEqual(expected.value, value, 'value')
    if (expected.min === undefined || expected.max === undefined) continue
    const slack = 1e-9 * expected.max
    if (Number(value) < expected.min - slack || Number(value) > expected.max + slack) {
      throw new Mismatch(`${String(value)} is not between ${expected.min} and ${expected.max}`)
    }
  }
}

function call(input: Input, random: () => number): number | string | null {
  switch (input.op) {
    case 'backoffDelay':
      return backoffDelayMs(input.attempt, { ...backoff(input), random }) / 1_000
    case 'nextProvider':
      return nextProvider(input.available, input.current)
    case 'smallerContextBudget':
      return smallerContextBudget(input.currentChars, input.reduction)
  }
}

function backoff({ base, cap, jitter, prevDelay }: Input): BackoffOptions {
  return {
    ...(base === undefined ? {} : { baseMs: base * 1_000 }),
    ...(cap === undefined ? {} : { capMs: cap * 1_000 }),
    ...(prevDelay === undefined ? {} : { previousDelayMs: prevDelay * 1_000 }),
    ...(jitter === undefined ? {} : { jitter }),
  }
}
