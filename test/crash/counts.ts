/** What was done, and what it did. */
export interface Counts {
  readonly campaigns: number
  /** Processes that were started. */
  readonly lives: number
  readonly kills: number
  /** Logs whose last write was cut off. */
  readonly tornTails: number
  /** Logs that lost what nobody was told of. */
  readonly powerCuts: number
  /** That the server received. */
  readonly calls: number
  readonly duplicates: number
  /** Calls that had arrived when their process ended, and whose answer was not in the log. */
  readonly inFlight: number
  /** Turns that had ended in the log while their answer was not in it. */
  readonly endedUnanswered: number
  /** Answers that a process had told of. None was lost. */
  readonly acknowledged: number
  readonly facts: number
}

export const noCounts: Counts = {
  campaigns: 0,
  lives: 0,
  kills: 0,
  tornTails: 0,
  powerCuts: 0,
  calls: 0,
  duplicates: 0,
  inFlight: 0,
  endedUnanswered: 0,
  acknowledged: 0,
  facts: 0,
}

export function addCounts(counts: Counts, more: Partial<Counts>): Counts {
  const keys = Object.keys(noCounts) as (keyof Counts)[]
  return Object.fromEntries(keys.map((key) => [key, counts[key] + (more[key] ?? 0)])) as unknown as Counts
}
