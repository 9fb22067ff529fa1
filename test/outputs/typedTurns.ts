import { regexOutput } from '../../src/index.js'
import type { TurnRepair, TypedTurnThunk } from '../../src/outputs/runTypedTurn.js'
import { createTestRuntime } from '../support/runtime.js'

/** Gives these answers in this order, and keeps what it was called with. */
export function createModel<T>(...answers: readonly T[]) {
  const repairs: (TurnRepair | null)[] = []
  const thunk: TypedTurnThunk<T> = async (_call, repair) => {
    repairs.push(repair)
    const answer = answers[repairs.length - 1]
    if (answer === undefined) throw new Error('the model has no more answers')
    return answer
  }
  return { thunk, repairs }
}

export async function openSession(...given: Parameters<typeof createTestRuntime>) {
  const test = createTestRuntime(...given)
  return { ...test, session: await test.orchestrator.open() }
}

/** Digits and nothing else. */
export const number = (name = 'number') => regexOutput(/^\d+$/, { name })
