import { AgentRuntimeError } from '../../../slices/rules/errors.js'

/** Where a run that is replayed is not the one that was recorded. */
export interface RunDivergence {
  /** Of the recorded fact, or of the one before the recorded call. `null`: what happened was not recorded at all. */
  readonly seq: number | null
  /** What is different: `input.topic`, `payload.reason`, `type`. */
  readonly path: string
  /** What was recorded there. `null` as well where nothing was. */
  readonly expected: unknown
  /** What is there now. `null` as well where nothing is. */
  readonly actual: unknown
}

/**
 * A run that is replayed does something else than the one that was recorded. Nothing was called for it. If the change is meant, the
 * run is to be recorded anew.
 */
export class FixtureDivergedError extends AgentRuntimeError implements RunDivergence {
  override readonly name = 'FixtureDivergedError'
  readonly code = 'fixture_diverged'
  readonly seq: number | null
  readonly path: string
  readonly expected: unknown
  readonly actual: unknown

  constructor(what: string, divergence: RunDivergence) {
    super(`the run is not the one that was recorded: ${what}`)
    ;({ seq: this.seq, path: this.path, expected: this.expected, actual: this.actual } = divergence)
  }
}

/** What a function answered cannot be written, so that the run cannot be recorded. */
export class FixtureNotRecordableError extends AgentRuntimeError {
  override readonly name = 'FixtureNotRecordableError'
  readonly code = 'fixture_not_recordable'

  /** @param what - Such as `turn 'draft'`. */
  constructor(
    readonly what: string,
    readonly path: string,
  ) {
    super(`what ${what} returned cannot be recorded: ${path} is not JSON. Return what is needed of it as JSON`)
  }
}
