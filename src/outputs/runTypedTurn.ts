import * as v from 'valibot'
import type { TurnCall, TurnResult } from '../../sagas/turnRequest.js'
import { assertArgument } from '../../slices/rules/errors.js'
import { noUsage } from '../../slices/rules/tokens.js'
import { count, functionOf, nonBlank, parse } from '../config/schema.js'
import type { TurnOptions } from '../options.js'
import type { AgentSession } from '../session.js'
import { addUsage } from './addUsage.js'
import { messageOf, OutputInvalidError } from './outputInvalidError.js'
import type { OutputSpec } from './outputSpec.js'

/** Why a turn is run once more: for the prompt, so that the model can do better. */
export interface TurnRepair {
  /** From 1. */
  readonly attempt: number
  /** What the model answered: text as it was, anything else as JSON. Empty when it answered nothing that can be written. */
  readonly previous: string
  /** What was wrong with it, each with its place: `tags[0]: expected a string`. They may quote the answer. */
  readonly issues: readonly string[]
}

/** Calls the model. `repair` is `null` in the first turn. */
export type TypedTurnThunk<T> = (call: TurnCall, repair: TurnRepair | null) => T | PromiseLike<T>

/**
 * Those of the turn hold for each repair too. With an idempotency key a repair has a key of its own, made from that one: it is not
 * answered by what it is to repair.
 */
export interface TypedTurnOptions<T, Output> extends TurnOptions<T> {
  readonly output: OutputSpec<Output>
  /** How many more turns may be run when the output is invalid. Default 1. */
  readonly repairs?: number | undefined
  /** What of the turn's value the output is read from. Default: the value itself. */
  readonly read?: ((value: T) => unknown) | undefined
}

export interface TypedTurnResult<T, Output> extends TurnResult<T> {
  readonly output: Output
  /** How many repairs it took. `usage` is that of all its turns together; everything else is that of the last. */
  readonly repairs: number
}

const sessionSchema = v.looseObject({ runTurn: functionOf<AgentSession['runTurn']>('a function') }, 'a session')

const optionsSchema = v.looseObject(
  {
    output: v.looseObject(
      { name: nonBlank, parse: functionOf<OutputSpec<unknown>['parse']>('a function') },
      'an output spec',
    ),
    repairs: v.optional(count),
    read: v.optional(functionOf<(value: never) => unknown>('a function of the value')),
  },
  'an object with an output',
)

/**
 * Runs a turn whose answer has to fit `output`. While it does not, runs it again and tells the function what was wrong. Each
 * repair is an ordinary turn: it is recorded, counts as an iteration and against the budget, and may be refused.
 *
 * @throws {OutputInvalidError} The last answer does not fit either, or `read` or the spec has failed in another way, which no
 * repair is tried for. The last turn is paid for: its result is on the error.
 * @throws What `session.runTurn` throws, in the first turn or in a repair. That is never repaired.
 * @throws {InvalidArgumentError} Names the option. No turn was run.
 * @example
 * const person = schemaOutput(z.object({ name: z.string(), age: z.number().int() }))
 * const { output } = await runTypedTurn(
 *   session,
 *   ({ signal }, repair) => callModel(repair ? `${prompt}\n\n${repair.issues.join('\n')}` : prompt, signal),
 *   { output: person, read: ({ text }) => text, usage: ({ usage }) => usage },
 * )
 */
export async function runTypedTurn<T, Output>(
  session: Pick<AgentSession, 'runTurn'>,
  thunk: TypedTurnThunk<T>,
  options: TypedTurnOptions<T, Output>,
): Promise<TypedTurnResult<T, Output>> {
  assertArgument(typeof thunk === 'function', 'thunk', thunk, 'a function')
  parse(sessionSchema, session, 'session')
  parse(optionsSchema, options)
  const { output: spec, repairs: allowed = 1, read = (value: T): unknown => value, ...turnOptions } = options
  let usage = noUsage
  let repair: TurnRepair | null = null
  for (let repairs = 0; ; repairs += 1) {
    const result = await runTurn(session, thunk, repair, turnOptions)
    usage = addUsage(usage, result.usage)
    try {
      return { ...result, usage, output: await spec.parse(read(result.value)), repairs }
    } catch (error) {
      const invalid = asInvalid(spec, result.value, error)
      if (invalid !== error || repairs === allowed) throw invalid.after(result)
      repair = repairOf(invalid, repairs + 1)
    }
  }
}

function runTurn<T>(
  session: Pick<AgentSession, 'runTurn'>,
  thunk: TypedTurnThunk<T>,
  repair: TurnRepair | null,
  options: TurnOptions<T>,
): Promise<TurnResult<T>> {
  const { idempotencyKey: key } = options
  const own = repair && key !== undefined ? { ...options, idempotencyKey: `${key}/repair-${repair.attempt}` } : options
  return session.runTurn((call) => thunk(call, repair), own)
}

/** The error itself when it is about the output. Anything else is a fault of whoever threw it, and no model can mend it. */
function asInvalid({ name }: OutputSpec<unknown>, value: unknown, error: unknown): OutputInvalidError {
  if (error instanceof OutputInvalidError) return error
  const issues = [{ message: messageOf(error) }]
  const problem = 'could not be read from what the turn returned'
  return new OutputInvalidError(name, problem, { raw: value, issues, thrown: error })
}

function repairOf({ raw, issues }: OutputInvalidError, attempt: number): TurnRepair {
  return {
    attempt,
    previous: typeof raw === 'string' ? raw : jsonOf(raw),
    issues: issues.map(({ path, message }) => `${path ?? 'output'}: ${message}`),
  }
}

/** Never throws: the answer is paid for. */
function jsonOf(value: unknown): string {
  try {
    // There is no JSON of `undefined`, whatever the compiler says.
    const json: unknown = JSON.stringify(value)
    return typeof json === 'string' ? json : ''
  } catch {
    return ''
  }
}
