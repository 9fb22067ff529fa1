import type { FactMeta } from '../../slices/fact.js'

/** How many facts lie between two that can be found at once. */
const STRIDE = 1_000

export interface FactPlace {
  readonly seq: number
  readonly offset: number
}

/** Where in the file facts are: each thousandth one, and near the first of each stream. */
export class Offsets {
  /** Of facts 1, 1,001, 2,001 ... The first one is known before there is a fact. */
  readonly #offsets: number[]
  /** The first fact of each stream. */
  readonly #firsts: Map<string, number>

  constructor(offsets: readonly number[], firsts: Iterable<readonly [string, number]> = []) {
    this.#offsets = [...offsets]
    this.#firsts = new Map(firsts)
  }

  note({ seq, stream }: FactMeta, offset: number): void {
    if ((seq - 1) % STRIDE === 0) this.#offsets[(seq - 1) / STRIDE] = offset
    if (!this.#firsts.has(stream)) this.#firsts.set(stream, seq)
  }

  /** The last one that can be found at once, at `seq` or before. */
  before(seq: number): FactPlace {
    const index = Math.min(Math.floor((seq - 1) / STRIDE), this.#offsets.length - 1)
    return { seq: index * STRIDE + 1, offset: this.#offsets[index] ?? 0 }
  }

  firstOf(stream: string): number {
    return this.#firsts.get(stream) ?? 1
  }

  /** Of the facts up to `seq`. */
  upTo(seq: number): readonly number[] {
    return this.#offsets.slice(0, Math.max(1, Math.ceil(seq / STRIDE)))
  }
}
