import type { Death, Store } from './job.js'

/** What ends one life of a child. */
export type Stop =
  /** `SIGKILL` so long after it got its job. */
  | { readonly by: 'time'; readonly ms: number }
  /** `SIGKILL` when the server has received, or answered, so many calls of it; or when it has said so many lines. */
  | { readonly by: 'received' | 'answered' | 'told'; readonly nth: number }
  /** It kills itself. */
  | { readonly by: 'death'; readonly death: Death }
  /** `SIGTERM`: it closes its runtime. */
  | { readonly by: 'closing'; readonly ms: number }

/** How far each may go: the work of all threads, more or less. */
const REACH = { time: 120, closing: 80, received: 24, answered: 24, told: 24 } as const

const DEATHS: Readonly<Record<Death['at'], number>> = {
  fact: 70,
  flush: 30,
  byte: 16_000,
  before_sync: 30,
  after_sync: 30,
}

/** Half of them uniform in time, the others at instants that matter. */
export function drawStop(random: () => number, store: Store): Stop {
  const nth = (reach: number): number => 1 + Math.floor(random() * reach)
  if (random() < 0.4) return { by: 'time', ms: random() * REACH.time }
  const by = pick(random, ['received', 'answered', 'told', 'death', 'death', 'death', 'closing'] as const)
  if (by === 'closing') return { by, ms: random() * REACH.closing }
  if (by !== 'death') return { by, nth: nth(REACH[by]) }
  const at = pick(random, store === 'jsonl' ? (Object.keys(DEATHS) as Death['at'][]) : (['fact', 'flush'] as const))
  return { by, death: { at, nth: nth(DEATHS[at]) } }
}

function pick<T>(random: () => number, options: readonly T[]): T {
  return options[Math.floor(random() * options.length)]!
}
