import {
  callAnswered,
  sessionCancelled,
  sessionFailed,
  sessionOpened,
  sessionReturned,
  toolBlocked,
  toolCancelled,
  toolCompleted,
  toolFailed,
  toolInterrupted,
  toolStarted,
  type RecordedResults,
  type ToolCallId,
} from './facts.js'
import type { Answer, Question } from './rules/answers.js'
import { emptyTable, setRow, type Table } from './rules/table.js'
import { defineSlice, without } from './slice.js'

/** What a session's function got so far, as long as it has not ended: enough to run it again without paying twice. */
export interface Journal {
  readonly results: RecordedResults
  readonly count: number
  /** In the order in which they were given. */
  readonly answers: Table<Answer>
  /** The first answer that is lost. `null`: none is. */
  readonly lost: Question | null
  /** Tool calls that have begun, and whose answer is not known: oldest first. */
  readonly unanswered: readonly UnansweredTool[]
}

export interface UnansweredTool {
  readonly toolCallId: ToolCallId
  readonly tool: string
  /** Fingerprint of the call as the session's function made it. */
  readonly asked: string | null
  readonly idempotent: boolean
  /** Its answer comes with the next fact, or never: then nobody knows what it did. */
  readonly hasEnded: boolean
}

const empty: Journal = { results: 'none', count: 0, answers: emptyTable, lost: null, unanswered: [] }

export const journal = defineSlice<Journal>(empty, (on) => {
  on(sessionOpened, (state, { payload: { results } }) => (results === 'none' ? state : { ...empty, results }))
  on(callAnswered, (state, { payload, meta }) => {
    const { kind, name, fingerprint, outcome } = payload
    const { results, count, answers, lost, unanswered } = state
    return {
      results,
      count: count + 1,
      answers: setRow(answers, count, { kind, name, fingerprint, outcome, seq: meta.seq }),
      lost: lost ?? (outcome.kind === 'lost' ? { kind, name, fingerprint } : null),
      unanswered: kind === 'tool' ? settled(unanswered, payload) : unanswered,
    }
  })
  on(toolStarted, (state, { payload: { toolCallId, tool, asked = null, idempotent, replaces } }) => {
    if (state.results === 'none') return state
    const others = state.unanswered.filter((call) => call.toolCallId !== replaces)
    return { ...state, unanswered: [...others, { toolCallId, tool, asked, idempotent, hasEnded: false }] }
  })
  on([toolCompleted, toolFailed, toolCancelled], endTool)
  on(toolInterrupted, endTool)
  on(toolBlocked, (state, { payload: { toolCallId } }) =>
    toolCallId === null ? state : endTool(state, { payload: { toolCallId } }),
  )
  on(sessionReturned, ended)
  on([sessionFailed, sessionCancelled], ended)
})

/** The oldest call that was made for this question and has ended without an answer. */
export function findUnanswered(
  unanswered: readonly UnansweredTool[],
  { name, fingerprint }: Pick<Question, 'name' | 'fingerprint'>,
): UnansweredTool | undefined {
  return unanswered.find(({ tool, asked, hasEnded }) => hasEnded && tool === name && asked === fingerprint)
}

function settled(
  unanswered: readonly UnansweredTool[],
  question: Pick<Question, 'name' | 'fingerprint'>,
): readonly UnansweredTool[] {
  const call = findUnanswered(unanswered, question)
  return call ? without(unanswered, call) : unanswered
}

function endTool(state: Journal, { payload }: { readonly payload: { readonly toolCallId: ToolCallId } }): Journal {
  if (state.unanswered.length === 0) return state
  const unanswered = state.unanswered.map((call) =>
    call.toolCallId === payload.toolCallId ? { ...call, hasEnded: true } : call,
  )
  return { ...state, unanswered }
}

function ended(state: Journal): Journal {
  return state.count === 0 && state.unanswered.length === 0 ? state : { ...empty, results: state.results }
}
