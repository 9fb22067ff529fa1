import type { TurnCall } from 'redux-agent-runtime'

/** What a model needs of a turn. */
type ModelCall = Pick<TurnCall, 'signal' | 'reportUsage'>

/** A language model, as a turn's function needs it. The two ways differ in how the runtime learns what a call used. */
export interface Model {
  readonly name: string
  /** Returns what it used. For `runTurn(..., { usage: readProviderUsage })`. */
  complete(call: ModelCall, prompt: string): Promise<Completion>
  /** Reports what it used through `call`, so that it counts even when the stream breaks off afterwards. */
  stream(call: ModelCall, prompt: string): Promise<string>
}

export interface Completion {
  readonly text: string
  /** As the provider reports it. */
  readonly usage: unknown
}

/** Who writes with which model. */
export interface Models {
  readonly drafting: Model
  readonly editing: Model
}
