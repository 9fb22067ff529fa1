import type { VectorCase } from './suite.js'

/** A rule by which this runtime deliberately does something else than the reference. */
export interface Deviation {
  readonly name: string
  readonly primitive: string
  /** The number of the weakness of the reference that this beats. */
  readonly weakness: number
  readonly reason: string
  /** Where the better behaviour is tested. */
  readonly test: string
  /** Which cases it explains. Only cases with the tag `reference-quirk` are ever asked about. */
  applies(tags: readonly string[], vector: VectorCase): boolean
}

const tagged = (tag: string) => (tags: readonly string[]) => tags.includes(tag)

export const deviations: readonly Deviation[] = [
  {
    name: 'late outcome',
    primitive: 'circuit_breaker',
    weakness: 29,
    reason: 'An outcome belongs to the period in which its call was admitted and never moves a later one.',
    test: 'test/slices/breaker.test.ts',
    applies: tagged('late-outcome'),
  },
  {
    name: 'paid after exhaustion',
    primitive: 'session',
    weakness: 15,
    reason: 'A budget that is exhausted refuses the next turn before the model is called.',
    test: 'test/budgets.test.ts',
    applies: tagged('paid-after-exhaustion'),
  },
  {
    name: 'soft budget',
    primitive: 'session',
    weakness: 16,
    reason: 'Overspending a soft budget is told once, as governance.alert: the session has not failed.',
    test: 'test/budgets.test.ts',
    applies: tagged('soft-budget-agent-failed'),
  },
  {
    name: 'ended session',
    primitive: 'session',
    weakness: 31,
    reason: 'Nothing runs in a session that has ended, and it ends once.',
    test: 'test/session.test.ts',
    applies: tagged('terminal-reuse'),
  },
  {
    name: 'timeout trips the breaker',
    primitive: 'session',
    weakness: 26,
    reason: 'A timeout counts as a failure of the other side.',
    test: 'test/breaker.test.ts',
    applies: tagged('timeout-not-a-breaker-failure'),
  },
  {
    name: 'usage without a model',
    primitive: 'session',
    weakness: 17,
    reason: 'Usage of a turn that names no model is counted, and reported as unpriced.',
    test: 'test/usage.test.ts',
    applies: (_tags, { name }) => name.endsWith('no-model-drops-usage'),
  },
  {
    name: 'after a failed hook',
    primitive: 'session',
    weakness: 20,
    reason: 'What a turn used is recorded before its hooks run: one that throws loses nothing.',
    test: 'test/hooks/session.test.ts',
    applies: (_tags, { name }) => name.endsWith('hook-after-model-throws'),
  },
  {
    name: 'reply above capacity',
    primitive: 'session',
    weakness: 20,
    reason: 'A reply that is larger than a token bucket is recorded and returned; the bucket owes it.',
    test: 'test/rateLimits.test.ts',
    applies: (_tags, { name }) => name.endsWith('rate-limiter-over-capacity'),
  },
  {
    name: 'restored usage',
    primitive: 'session',
    weakness: 10,
    reason: 'A turn that its idempotency key answers counts for the session, so that its budget goes on where it was.',
    test: 'test/idempotency.test.ts',
    applies: tagged('replay-skips-usage'),
  },
  {
    name: 'governed failures',
    primitive: 'session',
    weakness: 24,
    reason: 'What a turn cost counts for governance, however the turn ended.',
    test: 'test/governance.test.ts',
    applies: tagged('governance-misses-failed-turn'),
  },
  {
    name: 'streams are turns',
    primitive: 'session',
    weakness: 37,
    reason: 'A streamed turn passes the circuit breaker, the idempotency key and all other checks of a turn.',
    test: 'test/stream.test.ts',
    applies: tagged('stream-bypass'),
  },
]
