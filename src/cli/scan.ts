import type { AnyFact } from '../../slices/state.js'
import { factAfter, initialState, replayFact } from '../../slices/state.js'
import type { Step } from '../transcript/step.js'
import type { OpenedLog } from './io.js'
import { silent, type Progress } from './progress.js'

/**
 * Goes through a log once. What is held is one state, whatever the length of the log.
 *
 * @throws {LogCorruptError | LogVersionError} As `replay`.
 */
export async function* steps({ log }: OpenedLog, progress: Progress = silent): AsyncGenerator<Step, void, undefined> {
  let state = initialState
  try {
    for await (const recorded of log.read()) {
      const before = state
      const fact = factAfter(before.seq, recorded) as AnyFact
      state = replayFact(before, fact)
      progress.update(fact.meta.seq)
      yield { fact, before, state }
    }
  } finally {
    progress.end()
  }
}
