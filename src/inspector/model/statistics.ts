import { initialState, replayFact } from '../../../slices/state.js'
import { StatisticsCounter, type Statistics } from '../../transcript/statistics.js'
import type { Run } from './run.js'

/** What the command `stats` tells of a log. Reads all of its facts once more. */
export function statisticsOf({ facts }: Run): Statistics {
  const counter = new StatisticsCounter()
  let state = initialState
  for (const fact of facts) {
    const before = state
    state = replayFact(before, fact)
    counter.add({ fact, before, state })
  }
  return counter.finish(state)
}
