import {
  callAnswered,
  sessionCancelled,
  sessionFailed,
  sessionOpened,
  sessionReturned,
  toolInterrupted,
  type FactPayload,
  type RecordedResults,
} from './facts.js'
import type { Answer, Question } from './rules/answers.js'
import { emptyTable, setRow, type Table } from './rules/table.js'
import { defineSlice } from './slice.js'

/** What a session's function got so far, as long as it has not ended: enough to run it again without paying twice. */
export interface Journal {
  readonly results: RecordedResults
  readonly count: number
  /** In the order in which they were given. */
  readonly answers: Table<Answer>
  /** The first answer that is lost. `null`: none is. */
  readonly lost: Question | null
  /** Tool calls of which nobody knows what they did, oldest first. */
  readonly interrupted: readonly InterruptedTool[]
}

export type InterruptedTool = Omit<FactPayload<typeof toolInterrupted>, 'sessionId'>

const empty: Journal = { results: 'none', count: 0, answers: emptyTable, lost: null, interrupted: [] }

export const journal = defineSlice<Journal>(empty, (on) => {
  on(sessionOpened, (state, { payload: { results } }) => (results === 'none' ? state : { ...empty, results }))
  on(callAnswered, (state, { payload, meta }) => {
    const { kind, name, fingerprint, outcome } = payload
    const { results, count, answers, lost, interrupted } = state
    return {
      results,
      count: count + 1,
      answers: setRow(answers, count, { kind, name, fingerprint, outcome, seq: meta.seq }),
      lost: lost ?? (outcome.kind === 'lost' ? { kind, name, fingerprint } : null),
      interrupted: kind === 'tool' ? settled(interrupted, payload) : interrupted,
    }
  })
  on(toolInterrupted, (state, { payload: { toolCallId, tool, fingerprint, idempotent } }) => ({
    ...state,
    interrupted: [...state.interrupted, { toolCallId, tool, fingerprint, idempotent }],
  }))
  on(sessionReturned, ended)
  on([sessionFailed, sessionCancelled], ended)
})

/** The interrupted call that was made for this question. Hooks may have changed its arguments: then its name must do. */
export function findInterrupted(
  interrupted: readonly InterruptedTool[],
  { name, fingerprint }: Pick<Question, 'name' | 'fingerprint'>,
): InterruptedTool | undefined {
  const named = interrupted.filter(({ tool }) => tool === name)
  return named.find((call) => call.fingerprint === fingerprint) ?? named[0]
}

function settled(
  interrupted: readonly InterruptedTool[],
  question: Pick<Question, 'name' | 'fingerprint'>,
): readonly InterruptedTool[] {
  const call = findInterrupted(interrupted, question)
  return call ? interrupted.filter((other) => other !== call) : interrupted
}

function ended(state: Journal): Journal {
  return state.count === 0 && state.interrupted.length === 0 ? state : { ...empty, results: state.results }
}
