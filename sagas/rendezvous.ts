interface Offer<Item> {
  readonly item: Item
  /** It was handed over, and its maker waits until the next one is asked for. */
  wasHanded: boolean
  readonly goOn: () => void
}

/**
 * Hands items to one consumer. Their producer goes on when the consumer asks for the next item, so that nothing is made which
 * nobody asked for.
 */
export class Rendezvous<Item> {
  #offer: Offer<Item> | undefined
  #taker: ((item: Item | undefined) => void) | undefined
  #isClosed = false

  /**
   * Resolves when the consumer asks for the item after this one, when another item takes its place, and when nobody takes items any
   * more.
   */
  offer(item: Item): Promise<void> {
    this.#release()
    if (this.#isClosed) return Promise.resolve()
    return new Promise((goOn) => {
      this.#offer = { item, wasHanded: false, goOn }
      this.#hand()
    })
  }

  /** `undefined`: closed. */
  take(): Promise<Item | undefined> {
    if (this.#offer?.wasHanded) this.#release()
    if (this.#isClosed) return Promise.resolve(undefined)
    return new Promise((resolve) => {
      this.#taker = resolve
      this.#hand()
    })
  }

  close(): void {
    this.#isClosed = true
    this.#release()
    this.#taker?.(undefined)
    this.#taker = undefined
  }

  #hand(): void {
    if (!this.#offer || !this.#taker) return
    this.#offer.wasHanded = true
    this.#taker(this.#offer.item)
    this.#taker = undefined
  }

  #release(): void {
    const offer = this.#offer
    this.#offer = undefined
    offer?.goOn()
  }
}
