/** How a shared turn ended. `undefined`: its outcome says nothing about the others, so that one of them runs it again. */
export type SharedOutcome = { readonly failure: { readonly error: unknown } | null } | undefined

interface SharedTurn {
  readonly fingerprint: string
  readonly ended: Promise<SharedOutcome>
}

/** Turns with an idempotency key that are being run, so that others with the same key wait for them. */
export class SharedTurns {
  readonly #running = new Map<string, SharedTurn>()

  running(id: string): SharedTurn | undefined {
    return this.#running.get(id)
  }

  /** Returns what to call when it has ended. */
  begin(id: string, fingerprint: string): (outcome: SharedOutcome) => void {
    let settle: (outcome: SharedOutcome) => void = () => undefined
    this.#running.set(id, { fingerprint, ended: new Promise((resolve) => (settle = resolve)) })
    return (outcome) => {
      this.#running.delete(id)
      settle(outcome)
    }
  }
}
