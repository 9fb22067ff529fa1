import { PaidTurnError } from '../../slices/rules/errors.js'

export interface OutputIssue {
  readonly message: string
  /** Where in the output: `user.tags[0]`. Absent: the output as a whole. */
  readonly path?: string
}

export interface OutputInvalidDetails {
  readonly raw: unknown
  readonly issues: readonly OutputIssue[]
  readonly thrown?: unknown
}

/**
 * What the model answered is not what the spec asks for. `result` is what the turn returned, where `runTypedTurn` ran one.
 *
 * The message never quotes the output, not even its keys. What does is not enumerable, so that it stays out of logs.
 */
export class OutputInvalidError extends PaidTurnError {
  override readonly name = 'OutputInvalidError'
  readonly code = 'output_invalid'
  readonly #details: OutputInvalidDetails

  /**
   * @param output - The name of the spec.
   * @param problem - Goes on after the name: `lacks decision`.
   */
  constructor(
    readonly output: string,
    problem: string,
    details: OutputInvalidDetails,
  ) {
    super(`output '${output}' ${problem}`)
    this.#details = details
  }

  /** In the words of the schema library or of the user's function where one was asked: they may quote the output. */
  get issues(): readonly OutputIssue[] {
    return this.#details.issues
  }

  /** What was to be parsed. */
  get raw(): unknown {
    return this.#details.raw
  }

  /** What the user's function or schema threw, where one did. */
  get thrown(): unknown {
    return this.#details.thrown
  }
}

/** An error with one issue, in words that quote nothing. */
export function invalidOutput(output: string, raw: unknown, message: string): OutputInvalidError {
  return new OutputInvalidError(output, message, { raw, issues: [{ message }] })
}

/** What somebody's function threw, for people. It may quote what the function was given. */
export function messageOf(thrown: unknown): string {
  if (typeof thrown === 'string') return thrown
  return thrown instanceof Error ? thrown.message : 'was rejected'
}
