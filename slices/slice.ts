import type { Fact, FactKind } from './fact.js'

/** What one part of the state answers to. Answers return the next state, or the same object when nothing changed. */
export interface Slice<State> {
  readonly initial: State
  readonly answers: ReadonlyMap<string, Answer<State>>
}

type Answer<State> = (state: State, fact: Fact<never>) => State

/** A copy that is not part of a state yet. */
export type Mutable<State> = { -readonly [Key in keyof State]: State[Key] }

export interface On<State> {
  <Payload>(
    kinds: FactKind<Payload> | readonly FactKind<Payload>[],
    answer: (state: State, fact: Fact<Payload>) => State,
  ): void
  /** Answers to everything that `slice` answers to and nothing was said about yet. */
  rest<Payload>(
    slice: { readonly answers: ReadonlyMap<string, unknown> },
    answer: (state: State, fact: Fact<Payload>) => State,
  ): void
}

/**
 * Declares a slice. Its answers copy by hand instead of drafting: a draft costs a microsecond a fact, and its freezing walks every
 * sibling of what changed. On the path of a turn they copy with a literal that names each field, because on Node 20 a spread
 * that overrides a field costs thirty times as much.
 */
export function defineSlice<State>(initial: State, define: (on: On<State>) => void): Slice<State> {
  const answers = new Map<string, Answer<State>>()
  const on: On<State> = (kinds, answer) => {
    for (const { type } of [kinds].flat()) answers.set(type, answer)
  }
  on.rest = (slice, answer) => {
    for (const type of slice.answers.keys()) if (!answers.has(type)) answers.set(type, answer)
  }
  define(on)
  return { initial, answers }
}

/** Slices as parts of a state that may hold more. */
export interface CombinedSlices<Parts, State> {
  readonly initial: Parts
  readonly answers: ReadonlyMap<string, Answer<State>>
}

/**
 * Several slices as one, each under its key. Facts reach only the slices that answer to them.
 *
 * @param copy - Copies the whole state.
 */
export function combineSlices<Parts extends object, State extends Parts>(
  slices: { readonly [Key in keyof Parts]: Slice<Parts[Key]> },
  copy: (state: State) => State,
): CombinedSlices<Parts, State> {
  const keys = Object.keys(slices) as (keyof Parts)[]
  const initial = Object.fromEntries(keys.map((key) => [key, slices[key].initial])) as Parts
  const types = new Set(keys.flatMap((key) => [...slices[key].answers.keys()]))
  const answers = new Map<string, Answer<State>>()
  for (const type of types) {
    const answering = keys.flatMap((key) => {
      const answer = slices[key].answers.get(type)
      return answer ? [{ key, answer }] : []
    })
    answers.set(type, (state, fact) => answerAll<Parts, State>(state, fact, answering, copy))
  }
  return { initial, answers }
}

interface Answering<Parts> {
  readonly key: keyof Parts
  readonly answer: Answer<Parts[keyof Parts]>
}

function answerAll<Parts extends object, State extends Parts>(
  state: State,
  fact: Fact<never>,
  answering: readonly Answering<Parts>[],
  copy: (state: State) => State,
): State {
  let next = state
  for (const { key, answer } of answering) {
    const before = state[key]
    const after = answer(before, fact)
    if (after === before) continue
    if (next === state) next = copy(state)
    next[key] = after as State[keyof Parts]
  }
  return next
}

const none: readonly never[] = []

/** The list without an item. All empty lists are the same one. */
export function without<T>(items: readonly T[], item: T): readonly T[] {
  return items.length === 1 && items[0] === item ? none : items.filter((other) => other !== item)
}
