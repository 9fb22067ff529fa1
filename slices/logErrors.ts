import { AgentRuntimeError } from './rules/errors.js'

/** A log holds something that was never written to it, or lacks something that was. */
export class LogCorruptError extends AgentRuntimeError {
  override readonly name = 'LogCorruptError'
  readonly code = 'log_corrupt'

  /** @param reason - In words. Quotes nothing from the log. */
  constructor(
    readonly position: LogPosition,
    readonly reason: string,
  ) {
    super(`the log is damaged at ${describePosition(position)}: ${reason}`)
  }
}

/** Where in a log. As much as is known. */
export interface LogPosition {
  /** Of the fact. */
  readonly seq?: number
  /** In its file, from 1. */
  readonly line?: number
  /** In its file, in bytes. */
  readonly offset?: number
}

/** A log was written by a later version than this one. Nothing of it was used. */
export class LogVersionError extends AgentRuntimeError {
  override readonly name = 'LogVersionError'
  readonly code = 'log_version'

  /**
   * @param what - Such as a type of fact, or the format of a file.
   * @param supported - The latest version that is known here. 0: it is not known at all.
   */
  constructor(
    readonly what: string,
    readonly version: number,
    readonly supported: number,
    readonly position: LogPosition,
  ) {
    const known = supported === 0 ? 'which is not known here' : `which is known here up to version ${supported}`
    super(`the log has ${what} in version ${version} at ${describePosition(position)}, ${known}`)
  }
}

function describePosition({ seq, line, offset }: LogPosition): string {
  const parts = [
    seq === undefined ? '' : `fact ${seq}`,
    line === undefined ? '' : `line ${line}`,
    offset === undefined ? '' : `byte ${offset}`,
  ]
  return parts.filter((part) => part !== '').join(', ') || 'an unknown place'
}
