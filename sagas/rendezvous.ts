interface Offer<Item> {
  readonly item: Item
  /** It was handed over, and its maker waits until the next one is asked for. */
  wasHanded: boolean
  settle(goOn: boolean): void
}

/**
 * Hands items from one producer to one consumer. The producer goes on when the consumer asks for the next item, so that nothing is
 * made which nobody asked for.
 */
export class Rendezvous<Item> {
  #offer: Offer<Item> | undefined
  #taker: ((item: Item | undefined) => void) | undefined
  #isClosed = false

  /** Resolves when the consumer asks for the item after this one. `false`: nobody will. */
  offer(item: Item): Promise<boolean> {
    if (this.#isClosed) return Promise.resolve(false)
    return new Promise((settle) => {
      this.#offer = { item, wasHanded: false, settle }
      this.#hand()
    })
  }

  /** `undefined`: closed. */
  take(): Promise<Item | undefined> {
    if (this.#offer?.wasHanded) this.#settle(true)
    if (this.#isClosed) return Promise.resolve(undefined)
    return new Promise((resolve) => {
      this.#taker = resolve
      this.#hand()
    })
  }

  close(): void {
    this.#isClosed = true
    this.#settle(false)
    this.#taker?.(undefined)
    this.#taker = undefined
  }

  #hand(): void {
    if (!this.#offer || !this.#taker) return
    this.#offer.wasHanded = true
    this.#taker(this.#offer.item)
    this.#taker = undefined
  }

  #settle(goOn: boolean): void {
    const offer = this.#offer
    this.#offer = undefined
    offer?.settle(goOn)
  }
}
