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
]
