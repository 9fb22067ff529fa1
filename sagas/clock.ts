/** The longest delay that timers keep. Longer ones would fire at once. */
export const MAX_DELAY_MS = 2 ** 31 - 1

/** Where time comes from. Times are Unix milliseconds and never go back. */
export interface Clock {
  now(): number
  /** Calls back once, after at least `delayMs`. Returns what `clearTimeout` takes. */
  setTimeout(callback: () => void, delayMs: number): unknown
  clearTimeout(timer: unknown): void
}
