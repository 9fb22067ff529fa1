import { AgentRuntimeError } from '../slices/rules/errors.js'

/** Whether the store shows the state of the log, or another one that somebody looks at in DevTools. */
export interface TimeTravel {
  /** What calls do that are made while it shows another one. */
  readonly calls: 'wait' | 'reject'
  isLive(): boolean
  /** Calls back once, when it is live again. Returns what ends that. */
  onLive(callback: () => void): () => void
  /** What it shows. */
  error(): TimeTravellingError
}

/**
 * The store shows another state than that of the log: in DevTools, somebody went back in time, skipped an action or imported another
 * history. Nothing was called.
 */
export class TimeTravellingError extends AgentRuntimeError {
  override readonly name = 'TimeTravellingError'
  readonly code = 'time_travelling'

  /**
   * @param shownSeq - The last fact of the state that is shown. `null`: the store has no such state.
   * @param liveSeq - The last fact of the log.
   */
  constructor(
    readonly shownSeq: number | null,
    readonly liveSeq: number,
  ) {
    super(
      `${shownText(shownSeq, liveSeq)}. Calls are made once it is live again: in DevTools, go to the last action and undo skips; after an import or a reset, goLive()`,
    )
  }
}

function shownText(shownSeq: number | null, liveSeq: number): string {
  if (shownSeq === null) return 'the store shows no state of the runtime'
  if (shownSeq === liveSeq) return `the store shows another state after fact ${liveSeq} than that of the log`
  return `the store shows the state after fact ${shownSeq}, and the log is at fact ${liveSeq}`
}
