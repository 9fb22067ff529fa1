import {
  createTokenBucket,
  RateLimitExceededError,
  requestCharges,
  usageCharges,
  type Charge,
  type Clock,
  type TokenBucketHandle,
} from '../../../src/index.js'
import { attempt } from '../errors.js'
import { expectEqual, type VectorFile } from '../suite.js'

interface Settings {
  readonly capacity: number
  readonly refillPerSecond: number
}

interface Input {
  readonly bucket?: Settings & { readonly name: string }
  readonly buckets?: Readonly<Record<string, Settings>>
  readonly ops: readonly Op[]
}

type Op =
  | { readonly op: 'advance'; readonly seconds: number }
  | { readonly op: 'available' }
  | { readonly op: 'tryAcquire'; readonly tokens: number }
  | { readonly op: 'acquire'; readonly tokens: number; readonly timeoutSeconds: number | null }
  | { readonly op: 'preCall'; readonly timeoutSeconds: number | null }
  | {
      readonly op: 'usage'
      readonly inputTokens: number
      readonly outputTokens: number
      readonly timeoutSeconds: number | null
    }

interface Expected {
  readonly steps: readonly object[]
}

export async function rateLimit({ bucket, buckets = {}, ops }: Input, { steps }: Expected, file: VectorFile) {
  const clock = createHastyClock()
  const create = (name: string, settings: Settings) => createTokenBucket({ ...settings, name, clock })
  const single = bucket && create(bucket.name, bucket)
  const limiter = Object.fromEntries(Object.entries(buckets).map(([name, settings]) => [name, create(name, settings)]))
  for (const [index, op] of ops.entries()) {
    const { value, error, thrown } = await attempt(() => run(op, clock, single, limiter))
    const levels = Object.entries(limiter).map(([name, { available }]) => [name, available()] as const)
    const actual = {
      result: value,
      error,
      bucket: bucket === undefined && thrown instanceof RateLimitExceededError ? thrown.bucket : undefined,
      available: single ? single.available() : Object.fromEntries(levels),
      clock: clock.now() / 1_000,
    }
    expectEqual(steps[index], actual, `steps[${index}]`, file['tolerance'] as number)
  }
}

async function run(
  op: Op,
  clock: HastyClock,
  bucket: TokenBucketHandle | undefined,
  limiter: Readonly<Record<string, TokenBucketHandle>>,
): Promise<boolean | undefined> {
  switch (op.op) {
    case 'advance':
      clock.advance(op.seconds * 1_000)
      return undefined
    case 'available':
      return undefined
    case 'tryAcquire':
      return bucket?.tryAcquire(op.tokens)
    case 'acquire':
      await bucket?.acquire(op.tokens, { timeoutMs: timeoutOf(op) })
      return true
    case 'preCall':
      await charge(limiter, requestCharges, timeoutOf(op))
      return undefined
    case 'usage':
      await charge(limiter, usageCharges(op), timeoutOf(op))
      return undefined
  }
}

async function charge(
  limiter: Readonly<Record<string, TokenBucketHandle>>,
  charges: readonly Charge[],
  timeoutMs: number | undefined,
): Promise<void> {
  for (const { bucket, tokens } of charges) await limiter[bucket]?.acquire(tokens, { timeoutMs })
}

function timeoutOf({ timeoutSeconds }: { readonly timeoutSeconds: number | null }): number | undefined {
  return timeoutSeconds === null ? undefined : timeoutSeconds * 1_000
}

interface HastyClock extends Clock {
  advance(ms: number): void
}

/** Whoever waits moves the time to where the wait ends. */
function createHastyClock(): HastyClock {
  let now = 0
  return {
    now: () => now,
    setTimeout(callback, delayMs) {
      queueMicrotask(() => {
        now += delayMs
        callback()
      })
      return undefined
    },
    clearTimeout: () => undefined,
    advance: (ms) => void (now += ms),
  }
}
