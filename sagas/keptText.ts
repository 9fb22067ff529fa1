import { turnChunked } from '../slices/facts.js'
import type { Context } from './context.js'
import type { RunningTurn } from './turnRequest.js'

/** A fact holds at least so many characters, so that a long answer is a few facts and not one for each token. */
const CHARACTERS = 1_000

/** Puts the text of a stream into the log, in pieces. Nothing is put there after the end of its call. */
export class KeptText {
  readonly #context: Context
  readonly #call: RunningTurn
  #text = ''
  #hasEnded = false

  constructor(context: Context, call: RunningTurn) {
    this.#context = context
    this.#call = call
    // The end of an aborted call is recorded after this, and not before.
    call.signal.addEventListener('abort', () => this.#endQuietly())
  }

  add(delta: string): void {
    this.#text += delta
    if (this.#text.length >= CHARACTERS) this.#flush()
  }

  end(): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.#flush()
  }

  /** A log that fails says so to the next fact, which is the end of the call: a signal has nobody to tell. */
  #endQuietly(): void {
    try {
      this.end()
    } catch {
      this.#text = ''
    }
  }

  #flush(): void {
    const { sessionId, turnId } = this.#call
    if (this.#text !== '') this.#context.record(turnChunked({ sessionId, turnId, text: this.#text }))
    this.#text = ''
  }
}
