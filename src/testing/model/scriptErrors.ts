import { AgentRuntimeError } from '../../../slices/rules/errors.js'
import { describeCall, type ModelCall } from './modelSteps.js'

/** A scripted model was called, and its script has no step left. No recovery calls it again. */
export class ScriptEndedError extends AgentRuntimeError {
  override readonly name = 'ScriptEndedError'
  readonly code = 'script_ended'

  /** @param calls - What the model was asked until then, the call without a step last. */
  constructor(
    readonly script: string | null,
    readonly calls: readonly ModelCall[],
  ) {
    super(`${nameOf(script)} has no step for call ${calls.length}. Its model was asked:\n${listCalls(calls)}`)
  }
}

/** The test is over, and steps of a scripted model were not asked for. */
export class ScriptNotDoneError extends AgentRuntimeError {
  override readonly name = 'ScriptNotDoneError'
  readonly code = 'script_not_done'

  /**
   * @param left - The steps, in words.
   * @param calls - What the model was asked.
   */
  constructor(
    readonly script: string | null,
    readonly left: readonly string[],
    readonly calls: readonly ModelCall[],
  ) {
    const asked = calls.length === 0 ? 'Its model was never asked.' : `Its model was asked:\n${listCalls(calls)}`
    super(`${nameOf(script)} has steps left: ${left.join(', ')}. ${asked}`)
  }
}

function nameOf(script: string | null): string {
  return script === null ? 'the script' : `script '${script}'`
}

function listCalls(calls: readonly ModelCall[]): string {
  return calls.map((call, index) => `  ${index + 1}. ${describeCall(call)}`).join('\n')
}
