import { LogUnavailableError } from './logUnavailableError.js'

/** Writes entries and makes them durable, all or none. */
export type Commit<Entry> = (entries: readonly Entry[]) => Promise<void> | void

/**
 * Facts on their way to a disk, as they are written there. What is appended in one turn of the event loop, or while a write is under way, is written together:
 * sessions that run at the same time share what it costs to make facts durable.
 */
export class GroupCommit<Entry> {
  readonly #commit: Commit<Entry>
  readonly #defer: (callback: () => void) => void
  #pending: Entry[] = []
  /** The write that will take what is pending. */
  #next: Promise<void> | undefined
  /** The write that is under way. */
  #current: Promise<void> | undefined
  #failure: LogUnavailableError | undefined
  #isClosed = false

  /** @param defer - Calls back in a later turn of the event loop, such as `setImmediate`. */
  constructor(commit: Commit<Entry>, defer: (callback: () => void) => void) {
    this.#commit = commit
    this.#defer = defer
  }

  /** @throws {LogUnavailableError} */
  assertAvailable(): void {
    if (this.#failure) throw this.#failure
    if (this.#isClosed) throw new LogUnavailableError('closed')
  }

  /** What is not durable yet, in order, is written without being asked for. */
  add(entries: readonly Entry[]): void {
    // Not a spread: a log that is copied may come all at once.
    for (const entry of entries) this.#pending.push(entry)
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
    const entries = this.#pending
    this.#current = this.#next
    this.#pending = []
    this.#next = undefined
    try {
      await this.#commit(entries)
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
