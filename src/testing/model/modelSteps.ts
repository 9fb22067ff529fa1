import type { UsageInput } from '../../../slices/rules/tokens.js'
import { isPlainObject } from '../../../slices/rules/json.js'
import { assertArgument } from '../../../slices/rules/errors.js'
import { assertKnown } from '../../options.js'
import { assertFailureKind, type ModelFailureKind, type ModelFailureOptions } from './modelFailure.js'

interface AnyStep {
  /** What the call has used. It is reported to its turn. Default: nobody says. */
  readonly usage?: UsageInput | undefined
  /** How long the model thinks, in milliseconds of the script's clock. An abort ends that. Default 0. */
  readonly afterMs?: number | undefined
}

/** The model answers. */
export interface AnswerStep<T> extends AnyStep {
  readonly answer: T
}

/** The model streams its answer. With `fail`, it fails after these chunks. */
export interface ChunksStep<T> extends AnyStep, ModelFailureOptions {
  readonly chunks: readonly T[]
  /** Between two chunks, in milliseconds of the script's clock. Default 0. */
  readonly everyMs?: number | undefined
  readonly fail?: ModelFailureKind | Error | undefined
}

/** The call fails with this error, or with one in the shape in which SDKs throw this. */
export interface FailureStep extends AnyStep, ModelFailureOptions {
  readonly fail: ModelFailureKind | Error
}

/** What a model does when it is called. */
export type ModelStep<T> = AnswerStep<T> | ChunksStep<T> | FailureStep

/** A step, or how to find it. What the function throws, the call throws. */
export type ScriptStep<T> = ModelStep<T> | ((call: ModelCall) => ModelStep<T> | PromiseLike<ModelStep<T>>)

/** What a scripted model was asked. */
export interface ModelCall {
  /** Which of several scripts answered. `null`: there is only one. */
  readonly script: string | null
  /** What it was given to answer; else the `input` of its turn. */
  readonly prompt: unknown
  /** Whether its answer was to be streamed. */
  readonly streamed: boolean
  /** Of the turn that called it. `null`: it was called by no turn. */
  readonly sessionId: string | null
  readonly turnId: string | null
  readonly model: string | null
  readonly provider: string | null
  /** From 1. */
  readonly attempt: number
  readonly contextScale: number
  readonly toolScale: number
}

const FIELDS = ['answer', 'chunks', 'fail', 'usage', 'afterMs', 'everyMs', 'retryAfterMs']

/** @throws {InvalidArgumentError} It is none. */
export function assertStep(step: unknown, field: string): void {
  const fields = isPlainObject(step) ? step : {}
  const isStep = ['answer', 'chunks', 'fail'].some((name) => name in fields)
  assertArgument(isStep, field, step, 'an object with an answer, with chunks or with fail')
  assertKnown(fields, FIELDS, field)
  for (const name of ['afterMs', 'everyMs']) {
    const { [name]: ms = 0 } = fields
    assertArgument(typeof ms === 'number' && ms >= 0, `${field}.${name}`, ms, 'a number from 0')
  }
  const { fail } = fields
  if (typeof fail === 'string') assertFailureKind(fail, `${field}.fail`)
}

export function takesTime<T>(step: ModelStep<T>): boolean {
  return (step.afterMs ?? 0) > 0 || ('chunks' in step && (step.everyMs ?? 0) > 0)
}

/** What a step is called where a script is told. */
export function describeStep<T>(step: ScriptStep<T>): string {
  if (typeof step === 'function') return 'a function'
  if ('answer' in step) return 'an answer'
  if ('chunks' in step) return `a stream of ${step.chunks.length}`
  return `a failure (${typeof step.fail === 'string' ? step.fail : step.fail.name})`
}

/** What it was asked, in a few words: never what the prompt was. */
export function describeCall(call: ModelCall): string {
  const { sessionId, turnId, attempt, model, script, streamed } = call
  const parts = [
    ...(turnId === null ? [] : [`${turnId} of ${String(sessionId)}`]),
    ...(attempt > 1 ? [`attempt ${attempt}`] : []),
    ...(model === null ? [] : [`model ${model}`]),
    ...(script === null ? [] : [`script ${script}`]),
    ...(streamed ? ['streamed'] : []),
  ]
  return parts.join(', ') || 'ask'
}
