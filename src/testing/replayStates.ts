import type { Fact } from '../../slices/fact.js'
import { LogCorruptError, LogVersionError } from '../../slices/logErrors.js'
import { describeError } from '../../slices/rules/errors.js'
import { firstDifference } from '../history/differences.js'
import { deepFreeze } from '../log/deepFreeze.js'
import { ExpectationError, shown } from './expectationError.js'

export type Reduce<State> = (state: State, fact: Fact) => State

/**
 * The state before the first of the facts, and after each. All of it is frozen, so that whoever changes it afterwards is found out.
 *
 * @throws {ExpectationError} The reducer throws. Names the fact.
 */
export function replayStates<State>(facts: readonly Fact[], from: State, reduce: Reduce<State>): readonly State[] {
  const states = [deepFreeze(from)]
  let state = from
  for (const fact of facts) {
    state = deepFreeze(reduceFrozen(state, fact, reduce))
    states.push(state)
  }
  return states
}

function reduceFrozen<State>(state: State, fact: Fact, reduce: Reduce<State>): State {
  try {
    return reduce(state, deepFreeze(fact))
  } catch (error) {
    if (error instanceof LogCorruptError || error instanceof LogVersionError) throw error
    const said = error instanceof Error ? error.message : ''
    throw new ExpectationError(`${nameOf(fact)}: the reducer threw ${describeError(error).name}: ${said}`)
  }
}

interface Comparison<State> {
  readonly facts: readonly Fact[]
  readonly states: readonly State[]
  /** What must be the same, from the state after so many facts on. */
  readonly others: readonly State[]
  readonly begin: number
  /** How they came about. */
  readonly way: string
}

/** Comparing all states of a long log would take too long. */
const COMPARED = 50

/** @throws {ExpectationError} Names the first fact after which they differ. */
export function assertSameStates<State>({ facts, states, others, begin, way }: Comparison<State>): void {
  const differenceAt = (index: number) => firstDifference(states[begin + index], others[index])
  const step = others.length <= COMPARED ? 1 : Math.ceil(others.length / 8)
  const last = others.length - 1
  const differs = others.findIndex((_, index) => (index % step === 0 || index === last) && differenceAt(index))
  if (differs === -1) return
  for (let index = Math.max(0, differs - step); index <= differs; index += 1) {
    const difference = differenceAt(index)
    if (!difference) continue
    const { path, a, b } = difference
    const fact = facts[begin + index - 1]
    const where = fact ? `after ${nameOf(fact)}` : 'before the first fact'
    const message = `the state ${where} is another one ${way}: ${path || 'it'} is ${shown(a)}, and ${shown(b)} then`
    throw new ExpectationError(message, a, b)
  }
}

function nameOf({ type, meta: { seq } }: Fact): string {
  return `fact ${seq}, ${type}`
}
