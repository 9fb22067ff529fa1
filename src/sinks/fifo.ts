/** First in, first out. Each operation is O(1) on average, per item. */
export class Fifo<T> {
  #items: T[] = []
  #first = 0

  get length(): number {
    return this.#items.length - this.#first
  }

  get first(): T | undefined {
    return this.#items[this.#first]
  }

  push(item: T): void {
    this.#items.push(item)
  }

  /** Takes out the first ones, at most so many. */
  take(most: number): readonly T[] {
    const taken = this.#items.slice(this.#first, this.#first + most)
    this.#first += taken.length
    // What was taken stays in memory until it is half of the list: moving the rest is paid for by those taken before.
    if (this.#first * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#first)
      this.#first = 0
    }
    return taken
  }
}
