import { assertArgument } from '../../../slices/rules/errors.js'
import { assertStep, describeStep, takesTime, type ModelCall, type ScriptStep } from './modelSteps.js'
import { ScriptEndedError, ScriptNotDoneError } from './scriptErrors.js'

/** The steps of one model, and what it was asked. */
export class Script<T> {
  readonly calls: ModelCall[] = []
  /** Whether one of its steps says so. */
  readonly takesTime: boolean
  readonly #left: ScriptStep<T>[]
  #isOverrun = false

  /** @param name - `null`: it is the only one. */
  constructor(
    readonly name: string | null,
    steps: readonly ScriptStep<T>[],
  ) {
    const field = name === null ? 'steps' : `scripts.${name}`
    assertArgument(Array.isArray(steps), field, steps, 'a list of steps')
    for (const [index, step] of steps.entries()) {
      if (typeof step !== 'function') assertStep(step, `${field}[${index}]`)
    }
    this.takesTime = steps.some((step) => typeof step !== 'function' && takesTime(step))
    this.#left = [...steps]
  }

  /** @throws {ScriptEndedError} */
  next(call: ModelCall): ScriptStep<T> {
    this.calls.push(call)
    const step = this.#left.shift()
    if (step !== undefined) return step
    this.#isOverrun = true
    throw new ScriptEndedError(this.name, [...this.calls])
  }

  /** @throws {ScriptEndedError | ScriptNotDoneError} */
  assertDone(): void {
    if (this.#isOverrun) throw new ScriptEndedError(this.name, [...this.calls])
    if (this.#left.length > 0) throw new ScriptNotDoneError(this.name, this.#left.map(describeStep), [...this.calls])
  }
}
