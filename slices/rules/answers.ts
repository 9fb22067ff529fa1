import type { Json, JsonObject } from './json.js'

/** What the function of a session may ask for, and get from the log when it asks again. */
export type AnswerKind =
  'turn' | 'tool' | 'step' | 'input' | 'handoff' | 'gate' | 'policy' | 'change' | 'sleep' | 'now' | 'random'

/** Something that a session's function asks for. */
export interface Question {
  readonly kind: AnswerKind
  /** What the caller calls it. */
  readonly name: string
  /** Of what was given with it. `null`: that is not JSON. */
  readonly fingerprint: string | null
}

/** How a question was answered. */
export type AnswerOutcome =
  /** Without a `value`: it returned nothing. */
  | { readonly kind: 'returned'; readonly value?: Json }
  | { readonly kind: 'threw'; readonly error: RecordedError }
  /** It returned something that is not JSON: nobody can be given it again. */
  | { readonly kind: 'lost' }

/** What is kept of an error. */
export interface RecordedError {
  readonly name: string
  readonly message: string
  /** Its own fields that are JSON, `code` and `status` among them. */
  readonly fields: JsonObject
  /** What the turn had returned, of an error about a turn that was paid for. */
  readonly result?: Json
  /** What was thrown instead of an error. */
  readonly thrown?: Json
}

export interface Answer extends Question {
  /** Of the fact. */
  readonly seq: number
  readonly outcome: AnswerOutcome
}

/** What facts of a call say of the question that it answers. Nothing where answers are not kept. */
export function askedAs(question: Question | undefined): { readonly asked?: string | null } {
  return question ? { asked: question.fingerprint } : {}
}
