/** How a shared turn ended. `undefined`: its outcome says nothing about the others, so that one of them runs it again. */
export type SharedOutcome = { readonly failure: { readonly error: unknown } | null } | undefined

/** A turn with an idempotency key that is being run. */
interface SharedTurn {
  readonly fingerprint: string
  readonly ended: Promise<SharedOutcome>
  /** Whether its function was called. */
  wasCalled: boolean
  end(outcome: SharedOutcome): void
}

/** Turns with an idempotency key that are being run, so that others with the same key wait for them. */
export class SharedTurns {
  readonly #running = new Map<string, SharedTurn>()

  running(id: string): SharedTurn | undefined {
    return this.#running.get(id)
  }

  /** Until its `end` is called, others find it. */
  begin(id: string, fingerprint: string): SharedTurn {
    let settle: (outcome: SharedOutcome) => void = () => undefined
    const turn: SharedTurn = {
      fingerprint,
      ended: new Promise((resolve) => (settle = resolve)),
      wasCalled: false,
      end: (outcome) => {
        this.#running.delete(id)
        settle(outcome)
      },
    }
    this.#running.set(id, turn)
    return turn
  }
}
