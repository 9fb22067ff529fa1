import { diff } from '../../history/diff.js'
import type { Divergence } from '../../history/runDiff.js'
import type { MemoryLog } from '../../log/memory.js'
import { shown } from '../expectationError.js'
import type { CallReplayer } from './callReplayer.js'
import { FixtureDivergedError } from './fixtureErrors.js'
import { describeQuestion } from './question.js'
import type { RecordedRun } from './recordedRun.js'

/** @throws {FixtureDivergedError} Names the first fact or call that is not as it was recorded. */
export async function assertSame(run: RecordedRun, log: MemoryLog, replayer: CallReplayer): Promise<void> {
  const { firstDivergence } = await diff(run.facts, log)
  const { failure } = replayer
  if (failure && !(firstDivergence && isBefore(firstDivergence, replayer))) throw failure
  if (firstDivergence) throw divergedAt(firstDivergence, replayer)
  const [first] = replayer.unasked()
  if (!first) return
  const { seq, kind } = first.recorded
  throw new FixtureDivergedError(`nobody asked for ${describeQuestion(first.recorded)} of fact ${seq}`, {
    ...{ seq, path: 'kind', expected: kind, actual: null },
  })
}

function isBefore({ a, b }: Divergence, { failure, failedAt }: CallReplayer): boolean {
  return b ? b.seq < failedAt : (a?.seq ?? Infinity) < (failure?.seq ?? 0)
}

function divergedAt(divergence: Divergence, replayer: CallReplayer): FixtureDivergedError {
  const { a, path, expected, actual } = divergence
  const words = `${describeDivergence(divergence)}${consequence(replayer)}`
  return new FixtureDivergedError(words, { seq: a?.seq ?? null, path, expected, actual })
}

/** What came of it. */
function consequence(replayer: CallReplayer): string {
  const unasked = replayer.unasked()
  const [first] = unasked
  if (!first) return ''
  return `; ${unasked.length} of the recorded calls were not asked for, first ${describeQuestion(first.recorded)}`
}

function describeDivergence({ a, b, path, expected, actual }: Divergence): string {
  if (!a) return `${b?.fact.type ?? ''} happened, and was not recorded`
  const fact = `fact ${a.seq}, ${a.fact.type},`
  if (!b) return `${fact} did not happen`
  return `${fact} has changed: ${path} was ${shown(expected)}, is ${shown(actual)}`
}
