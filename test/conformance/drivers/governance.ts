import {
  countCall,
  emptyGovernanceCounts,
  evaluateGovernance,
  parseGovernanceLimits,
  type GovernanceCounts,
  type GovernanceLimitInput,
} from '../../../src/index.js'
import { expectEqual, type VectorFile } from '../suite.js'

interface Input {
  readonly limits: readonly GovernanceLimitInput[]
  readonly ops: readonly Op[]
}

type Op =
  { readonly op: 'turnStart' | 'success' | 'failure' | 'toolCall' } | { readonly op: 'cost'; readonly usd: number }

interface Expected {
  readonly steps: readonly object[]
  readonly state: object
}

export function governance({ limits, ops }: Input, expected: Expected, file: VectorFile) {
  const tolerance = file['tolerance'] as number
  const own = parseGovernanceLimits(limits)
  // The vectors list breached alert limits even where a breach keeps them from being told.
  const alerting = own.filter(({ onBreach }) => onBreach === 'alert')
  let counts = emptyGovernanceCounts
  for (const [index, op] of ops.entries()) {
    counts = after(counts, op)
    const { breach } = evaluateGovernance(own, () => counts)
    const { alerts } = evaluateGovernance(alerting, () => counts)
    const { scope: _, ...numbers } = breach ?? {}
    const actual = { alerts: alerts.map(({ limitName }) => limitName), ...(breach && { breach: numbers }) }
    expectEqual(expected.steps[index], actual, `steps[${index}]`, tolerance)
  }
  expectEqual(expected.state, counts, 'state', tolerance)
}

function after(counts: GovernanceCounts, op: Op): GovernanceCounts {
  switch (op.op) {
    case 'turnStart':
      return countCall(counts, 'turn_started')
    case 'success':
      return countCall(counts, 'turn_completed')
    case 'failure':
      return countCall(counts, 'turn_failed')
    case 'toolCall':
      return countCall(counts, 'tool_called')
    case 'cost':
      return { ...counts, costUsd: counts.costUsd + op.usd }
  }
}
