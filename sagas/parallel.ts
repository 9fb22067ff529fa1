import type { Context } from './context.js'

/** Several calls, and how they are made together. */
export interface ParallelCalls<Call> {
  readonly calls: readonly Call[]
  /** How many run at the same time. */
  readonly concurrency: number
  /** Whether the first failure aborts the others, or every outcome is returned. */
  readonly settle: 'first_failure' | 'all'
  /** Aborts all of them. */
  readonly signal: AbortSignal | undefined
}

/**
 * Makes several calls, in the order in which they are given, and returns what they returned in the same order.
 *
 * @throws What the first one that failed threw, once the others have settled. Those that had not begun never do.
 */
export async function runParallel<Call, Result>(
  context: Context,
  { calls, concurrency, settle, signal }: ParallelCalls<Call>,
  run: (call: Call, signal: AbortSignal | undefined) => Promise<Result>,
): Promise<readonly (Result | PromiseSettledResult<Result>)[]> {
  if (settle === 'all') return runAll(calls, concurrency, (call) => run(call, signal))
  const others = new AbortController()
  const unwatch = signal && context.calls.watch(signal, () => others.abort(signal.reason))
  let failure: { readonly error: unknown } | undefined
  const settled = await runAll(calls, concurrency, async (call) => {
    try {
      return await run(call, others.signal)
    } catch (error) {
      failure ??= { error }
      others.abort(failure.error)
      throw error
    }
  })
  unwatch?.()
  if (failure) throw failure.error
  return settled.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []))
}

async function runAll<Call, Result>(
  calls: readonly Call[],
  concurrency: number,
  run: (call: Call) => Promise<Result>,
): Promise<readonly PromiseSettledResult<Result>[]> {
  const settled: PromiseSettledResult<Result>[] = []
  const waiting = calls.entries()
  const work = async (): Promise<void> => {
    for (const [index, call] of waiting) {
      const [outcome] = await Promise.allSettled([run(call)])
      settled[index] = outcome
    }
  }
  await Promise.all(Array.from({ length: Math.min(concurrency, calls.length) }, work))
  return settled
}
