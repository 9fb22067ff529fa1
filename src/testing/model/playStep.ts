import type { Clock } from '../../../sagas/clock.js'
import type { UsageInput } from '../../../slices/rules/tokens.js'
import { InvalidArgumentError } from '../../../slices/rules/errors.js'
import { modelFailure } from './modelFailure.js'
import {
  assertStep,
  describeStep,
  type ChunksStep,
  type FailureStep,
  type ModelCall,
  type ModelStep,
  type ScriptStep,
} from './modelSteps.js'

/** Who called the model, as far as a step reaches back to them. */
export interface Caller {
  readonly signal?: AbortSignal | undefined
  readonly reportUsage?: ((usage: UsageInput) => void) | undefined
}

/** One call of a model, and what is to happen. */
export interface Played<T> {
  readonly step: ScriptStep<T>
  readonly call: ModelCall
  readonly clock: Clock | undefined
}

/** Answers with a step, or fails with it. */
export async function play<T>(played: Played<T>, caller: Caller): Promise<T> {
  const step = await begin(played, caller)
  if ('answer' in step) return step.answer
  if ('chunks' in step) throw unfit(step, 'runTurnStream or askStream asks for streams')
  throw errorOf(step)
}

/** Streams a step. The model is called at once; what it says comes as it is asked for. */
export async function* playStream<T>(played: Played<T>, caller: Caller): AsyncGenerator<T, void, undefined> {
  const step = await begin(played, caller)
  if ('answer' in step) throw unfit(step, 'runTurn or ask asks for answers')
  if ('chunks' in step) {
    for (const [index, chunk] of step.chunks.entries()) {
      if (index > 0) await pass(played.clock, step.everyMs, caller.signal)
      yield chunk
    }
  }
  if (isFailure(step)) throw errorOf(step)
}

/** Until the model has thought, and has said what the call uses. */
async function begin<T>({ step: given, call, clock }: Played<T>, caller: Caller): Promise<ModelStep<T>> {
  const step = typeof given === 'function' ? await given(call) : given
  assertStep(step, 'step()')
  await pass(clock, step.afterMs, caller.signal)
  if (step.usage !== undefined) caller.reportUsage?.(step.usage)
  return step
}

/** What a script must have whose steps take time. */
export const CLOCK = 'the clock of the runtime, for steps that take time'

/** Lets time pass. An abort ends it, with its reason. */
function pass(clock: Clock | undefined, ms = 0, signal: AbortSignal | undefined): Promise<void> | undefined {
  signal?.throwIfAborted()
  if (ms === 0) return undefined
  if (!clock) throw new InvalidArgumentError('clock', clock, CLOCK)
  return new Promise((resolve, reject) => {
    const end = (settle: () => void): void => {
      clock.clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
      settle()
    }
    const abort = (): void => end(() => reject(signal?.reason))
    const timer = clock.setTimeout(() => end(resolve), ms)
    signal?.addEventListener('abort', abort)
  })
}

function isFailure<T>(step: ModelStep<T>): step is FailureStep | (ChunksStep<T> & FailureStep) {
  return 'fail' in step && step.fail !== undefined
}

function errorOf({ fail, retryAfterMs }: FailureStep): Error {
  return typeof fail === 'string' ? modelFailure(fail, { retryAfterMs }) : fail
}

function unfit<T>(step: ModelStep<T>, expected: string): InvalidArgumentError {
  const message = `the next step of the script is ${describeStep(step)}: ${expected}`
  return new InvalidArgumentError('step', step, expected, message)
}
