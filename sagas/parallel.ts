/** How one of several calls ended. */
export type Settled<T> = PromiseSettledResult<T>

/**
 * Makes several calls, so many at a time, in the order in which they are given.
 *
 * @param onFailure - Called with the first error, while others still run.
 */
export async function runParallel<Item, Result>(
  items: readonly Item[],
  concurrency: number,
  run: (item: Item) => Promise<Result>,
  onFailure: ((error: unknown) => void) | undefined,
): Promise<readonly Settled<Result>[]> {
  const settled: Settled<Result>[] = []
  const waiting = items.entries()
  let hasFailed = false
  const work = async (): Promise<void> => {
    for (const [index, item] of waiting) {
      if (hasFailed && onFailure) return
      try {
        settled[index] = { status: 'fulfilled', value: await run(item) }
      } catch (reason) {
        settled[index] = { status: 'rejected', reason }
        if (hasFailed) continue
        hasFailed = true
        onFailure?.(reason)
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, work))
  return settled
}
