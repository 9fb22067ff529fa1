import type { Journal, UnansweredTool } from '../slices/journal.js'
import { findUnanswered } from '../slices/journal.js'
import type { RequestId, SessionId } from '../slices/facts.js'
import type { Answer, Question } from '../slices/rules/answers.js'
import { AgentRuntimeError } from '../slices/rules/errors.js'
import { rows } from '../slices/rules/table.js'
import type { Clock } from './clock.js'

/**
 * The function of a session that is run again asks for something else than before. Nothing was called for it. The session is parked:
 * it can be taken up by the function that it was begun with.
 */
export class ReplayDivergenceError extends AgentRuntimeError {
  override readonly name = 'ReplayDivergenceError'
  readonly code = 'replay_divergence'

  /**
   * @param seq - Of the first answer in the log that nobody asked for.
   * @param actual - What was asked for. `null`: the function returned without asking for what it had asked for before.
   */
  constructor(
    readonly sessionId: SessionId,
    readonly seq: number,
    readonly expected: Question,
    readonly actual: Question | null,
  ) {
    const now = actual ? `asks for ${describe(actual)}` : 'has returned'
    super(`${sessionId} had ${describe(expected)} answered at fact ${seq}, and now ${now}`)
  }
}

/** How long the function may be silent, in turns of the event loop, before others are answered before their turn. */
const SILENT_TASKS = 4

/** How long it may be silent before it counts as having asked for all that it can: it may wait for something of its own. */
const SILENT_MS = 1_000

/** How the time passes in which a function asks for nothing. */
export interface Silence {
  readonly clock: Clock
  /** Resolves in a later turn of the event loop. */
  nextTask(): Promise<void>
}

/**
 * A session that was taken up from the log, while its function asks again for what it got before. A question is known by its kind,
 * its name, what was given with it, and which of its like it is: so calls that run at the same time may come in another order.
 * Answers are handed out in the order in which they were given, so that races end as they did.
 */
export class Resumption {
  readonly #sessionId: SessionId
  readonly #answers: readonly Answer[]
  /** Positions of answers that nobody has asked for, by question. */
  readonly #unasked = new Map<string, number[]>()
  readonly #unanswered: UnansweredTool[]
  readonly #requests: Set<RequestId>
  readonly #time: Silence
  readonly #isAsked: boolean[] = []
  readonly #isOut: boolean[] = []
  readonly #waiting = new Map<number, () => void>()
  #unaskedCount: number
  /** The first answer that is not out. */
  #next = 0
  /** No answer before this one is waited for. */
  #lowest = 0
  #changes = 0
  #onChange: (() => void) | undefined
  #silent: Promise<void> | undefined
  #failure: ReplayDivergenceError | undefined

  constructor(sessionId: SessionId, { answers, unanswered }: Journal, requests: Iterable<RequestId>, time: Silence) {
    this.#sessionId = sessionId
    this.#answers = [...rows(answers)]
    this.#unanswered = [...unanswered]
    this.#requests = new Set(requests)
    this.#time = time
    this.#unaskedCount = this.#answers.length
    for (const [position, answer] of this.#answers.entries()) {
      const like = this.#unasked.get(keyOf(answer))
      if (like) like.push(position)
      else this.#unasked.set(keyOf(answer), [position])
    }
    for (const positions of this.#unasked.values()) positions.reverse()
  }

  /** Why the function cannot go on, whatever it made of that. */
  get failure(): ReplayDivergenceError | undefined {
    return this.#failure
  }

  /** Whether the log has answers that the function has not asked for. */
  get isBehind(): boolean {
    return this.#unaskedCount > 0
  }

  /**
   * What the log answers, when it is its turn. `undefined`: this was never answered, and everything that was has been asked for.
   *
   * @throws {ReplayDivergenceError}
   */
  async ask(question: Question): Promise<Answer | undefined> {
    const position = this.#claim(question)
    if (position !== undefined) {
      await this.#turnOf(position)
      return this.#answers[position]
    }
    // Nobody calls it: what its caller then does was answered before, or not.
    if (this.#isOutcomeUnknown(question)) return undefined
    if (this.#unaskedCount > 0) await this.#untilSilent()
    this.#assertAllAsked(question)
    return undefined
  }

  /**
   * The same for what cannot wait.
   *
   * @throws {ReplayDivergenceError} The same kind of thing was answered, and not asked for.
   */
  askNow(question: Question): Answer | undefined {
    const position = this.#claim(question)
    if (position === undefined) {
      const expected = this.#firstUnasked(({ kind }) => kind === question.kind)
      if (expected) throw this.#diverge(expected, question)
      return undefined
    }
    this.#handOut(position)
    return this.#answers[position]
  }

  /** The tool call that was made for this question, and of which nobody knows what it did: once. */
  takeUnanswered(question: Question): UnansweredTool | undefined {
    const call = findUnanswered(this.#unanswered, question)
    if (call) this.#unanswered.splice(this.#unanswered.indexOf(call), 1)
    return call
  }

  /** A request to a person that was made before, once. */
  takeRequest<Request extends { readonly requestId: RequestId }>(
    requests: readonly Request[],
    isMeant: (request: Request) => boolean,
  ): Request | undefined {
    const request = requests.find((candidate) => this.#requests.has(candidate.requestId) && isMeant(candidate))
    if (request) this.#requests.delete(request.requestId)
    return request
  }

  /** @throws {ReplayDivergenceError} The function has returned, and has not asked for all that it had asked for before. */
  assertExhausted(): void {
    this.#assertAllAsked(null)
  }

  #isOutcomeUnknown(question: Question): boolean {
    const call = question.kind === 'tool' ? findUnanswered(this.#unanswered, question) : undefined
    return call !== undefined && !call.idempotent
  }

  #claim(question: Question): number | undefined {
    const position = this.#unasked.get(keyOf(question))?.pop()
    if (position === undefined) return undefined
    this.#unaskedCount -= 1
    this.#isAsked[position] = true
    this.#change()
    return position
  }

  #assertAllAsked(actual: Question | null): void {
    const expected = this.#firstUnasked(() => true)
    if (expected) throw this.#diverge(expected, actual)
  }

  #firstUnasked(isMeant: (answer: Answer) => boolean): Answer | undefined {
    if (this.#unaskedCount === 0) return undefined
    return this.#answers.find((answer, position) => !this.#isAsked[position] && isMeant(answer))
  }

  #diverge({ seq, kind, name, fingerprint }: Answer, actual: Question | null): ReplayDivergenceError {
    return (this.#failure ??= new ReplayDivergenceError(this.#sessionId, seq, { kind, name, fingerprint }, actual))
  }

  #turnOf(position: number): Promise<void> | undefined {
    if (position === this.#next && this.#waiting.size === 0) {
      this.#handOut(position)
      return undefined
    }
    return new Promise((resolve) => {
      this.#waiting.set(position, resolve)
      this.#lowest = Math.min(this.#lowest, position)
      if (this.#waiting.size === 1) void this.#handOutInOrder()
    })
  }

  /** One in each turn of the event loop, so that what follows from it happens before the next. */
  async #handOutInOrder(): Promise<void> {
    while (this.#waiting.size > 0) {
      await this.#silenceOrNext()
      // Answers before this one were never asked for: the others do not wait for ever.
      while (!this.#waiting.has(this.#lowest)) this.#lowest += 1
      const resolve = this.#waiting.get(this.#lowest)
      this.#waiting.delete(this.#lowest)
      this.#handOut(this.#lowest)
      resolve?.()
    }
  }

  async #silenceOrNext(): Promise<void> {
    for (let silent = 0, seen = this.#changes; silent < SILENT_TASKS; silent += 1) {
      await this.#time.nextTask()
      if (this.#waiting.has(this.#next)) return
      if (seen !== this.#changes) silent = 0
      seen = this.#changes
    }
  }

  /** Resolves when everything has been asked for, or nothing was asked for and nothing handed out for a while. */
  #untilSilent(): Promise<void> {
    // Who asks is not silent.
    this.#change()
    return (this.#silent ??= this.#silence())
  }

  /** One for all that wait for it: they may be thousands. */
  async #silence(): Promise<void> {
    const { clock } = this.#time
    let seen: number | undefined
    while (this.#unaskedCount > 0 && seen !== this.#changes) {
      seen = this.#changes
      await new Promise<void>((resolve) => {
        const timer = clock.setTimeout(resolve, SILENT_MS)
        this.#onChange = () => {
          clock.clearTimeout(timer)
          resolve()
        }
      })
    }
    this.#silent = undefined
  }

  #change(): void {
    this.#changes += 1
    this.#onChange?.()
  }

  #handOut(position: number): void {
    this.#isOut[position] = true
    this.#change()
    while (this.#isOut[this.#next]) this.#next += 1
  }
}

function keyOf({ kind, name, fingerprint }: Question): string {
  return JSON.stringify([kind, name, fingerprint])
}

function describe({ kind, name, fingerprint }: Question): string {
  const what = name === '' ? kind : `${kind} ${JSON.stringify(name)}`
  return fingerprint === null ? what : `${what} (${fingerprint})`
}
