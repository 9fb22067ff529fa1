import { turnChunked } from '../slices/facts.js'
import type { Context } from './context.js'
import type { RunningTurn } from './turnRequest.js'

/** A fact holds at least so many characters, so that a long answer is a few facts and not one for each token. */
const CHARACTERS = 1_000

/** Puts the text of a stream into the log, in pieces. */
export class KeptText {
  readonly #context: Context
  readonly #call: RunningTurn
  #text = ''

  constructor(context: Context, call: RunningTurn) {
    this.#context = context
    this.#call = call
  }

  add(delta: string): void {
    this.#text += delta
    if (this.#text.length >= CHARACTERS) this.flush()
  }

  flush(): void {
    const { sessionId, turnId } = this.#call
    if (this.#text !== '') this.#context.record(turnChunked({ sessionId, turnId, text: this.#text }))
    this.#text = ''
  }
}
