/** Something a person should know that is not an error. */
export interface RuntimeWarning {
  readonly code:
    | 'unpriced_model'
    | 'unpriced_cache_tokens'
    | 'guessed_price'
    | 'unmetered_turn'
    | 'listener_failed'
    | 'result_not_recorded'
    | 'snapshot_not_kept'
    | 'time_travelling'
  readonly message: string
  /** What a listener threw, or a place for snapshots. */
  readonly error?: unknown
}

export type UsageWarning = Exclude<
  RuntimeWarning['code'],
  'listener_failed' | 'result_not_recorded' | 'snapshot_not_kept' | 'time_travelling'
>

/** Where model names are minted, somebody has been warned by then. */
const MOST = 1_000

/** What was said, so that each warning is said once for each model. Not state: another process says it again. */
export class SaidWarnings {
  readonly #said = new Set<string>()

  /** @returns Whether it was not said before. */
  add(code: UsageWarning, model: string | null): boolean {
    const id = `${code}/${model ?? ''}`
    if (this.#said.has(id) || this.#said.size >= MOST) return false
    this.#said.add(id)
    return true
  }
}
