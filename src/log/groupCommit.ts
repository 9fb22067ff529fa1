import type { Fact } from '../../slices/fact.js'
import { LogUnavailableError } from './logUnavailableError.js'

/** Writes facts and makes them durable, all or none. */
export type Commit = (facts: readonly Fact[]) => Promise<void> | void

/**
 * Facts on their way to a disk. What is appended in one turn of the event loop, or while a write is under way, is written together:
 * sessions that run at the same time share what it costs to make facts durable.
 */
export class GroupCommit {
  readonly #commit: Commit
  readonly #defer: (callback: () => void) => void
  #pending: Fact[] = []
  /** The write that will take what is pending. */
  #next: Promise<void> | undefined
  /** The write that is under way. */
  #current: Promise<void> | undefined
  #failure: LogUnavailableError | undefined
  #isClosed = false

  /** @param defer - Calls back in a later turn of the event loop, such as `setImmediate`. */
  constructor(commit: Commit, defer: (callback: () => void) => void) {
    this.#commit = commit
    this.#defer = defer
  }

  /** @throws {LogUnavailableError} */
  assertAvailable(): void {
    if (this.#failure) throw this.#failure
    if (this.#isClosed) throw new LogUnavailableError('closed')
  }

  /** Facts that are not durable yet, in order, are written without being asked for. */
  add(facts: readonly Fact[]): void {
    // Not a spread: a log that is copied may come all at once.
    for (const fact of facts) this.#pending.push(fact)
    if (this.#next) return
    const after = this.#current
    const next = after ? after.then(() => this.#write()) : this.#deferred().then(() => this.#write())
    this.#next = next
    // Whoever waits by `flush` hears of a failure, and everybody else by the next `append`.
    next.catch(() => undefined)
  }

  flush(): Promise<void> | undefined {
    if (this.#failure) return Promise.reject(this.#failure)
    return this.#next ?? this.#current
  }

  /** Takes nothing more. What was added before is still written. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.flush()
  }

  async #write(): Promise<void> {
    const facts = this.#pending
    this.#current = this.#next
    this.#pending = []
    this.#next = undefined
    try {
      await this.#commit(facts)
    } catch (cause) {
      throw (this.#failure = new LogUnavailableError('failed', { cause }))
    } finally {
      this.#current = undefined
    }
  }

  #deferred(): Promise<void> {
    return new Promise((resolve) => this.#defer(resolve))
  }
}
