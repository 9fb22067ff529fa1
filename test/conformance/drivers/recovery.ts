import {
  createAgentRuntime,
  facts,
  recipeFor,
  RECOVERY_STEPS,
  type Fact,
  type Scenario,
  type StepInfo,
} from '../../../src/index.js'
import { attempt } from '../errors.js'
import { expectEqual } from '../suite.js'

interface Input {
  readonly op: 'recipeFor' | 'sequence'
  readonly scenario: Scenario
  readonly attempts: readonly { readonly scenario: Scenario; readonly failFromStep?: number }[]
}

interface Expected {
  readonly error?: string
  readonly steps?: readonly unknown[]
  readonly events?: readonly unknown[]
}

/** Errors that are classified as the scenario. */
const RAISES: Readonly<Record<Scenario, string>> = {
  llm_timeout: 'timed out',
  llm_error: 'rate limit',
  tool_execution_error: 'tool failed',
  context_overflow: 'context length',
  dependency_timeout: 'database',
  memory_corruption: 'corrupt',
  provider_failure: 'bad gateway',
}

const EVENTS = { recovered: 'succeeded', partial_recovery: 'failed', escalation_required: 'escalated' } as const

export async function recovery(input: Input, expected: Expected) {
  if (input.op === 'recipeFor') {
    const { value, error } = await attempt(() => recipeFor(input.scenario))
    expectEqual(expected, error === undefined ? value : { error }, 'recipe')
    return
  }
  let failFromStep = Infinity
  const runtime = createAgentRuntime()
  const steps = Object.fromEntries(
    RECOVERY_STEPS.map((step) => [step, ({ index }: StepInfo) => index < failFromStep] as const),
  )
  const session = await runtime.orchestrator({ role: 'r', phase: 'p', recovery: { steps } }).open()
  for (const [index, { scenario, ...step }] of input.attempts.entries()) {
    failFromStep = step.failFromStep ?? Infinity
    await session.runTurn(() => Promise.reject(new Error(RAISES[scenario]))).catch(() => undefined)
    const { outcome, recoveredSteps, remainingSteps, reason } = recoveries(runtime.log.facts()).at(-1)?.payload ?? {}
    const attemptCount = session.summary().recovery.attempts[scenario]
    const result = { outcome, stepsTaken: recoveredSteps?.length, recoveredSteps, remainingSteps, reason, attemptCount }
    expectEqual(expected.steps?.[index], result, `steps[${index}]`)
  }
  const events = recoveries(runtime.log.facts()).map(({ payload }) => [EVENTS[payload.outcome], payload.scenario])
  expectEqual(expected.events, events, 'events')
}

type RecoveryFact = Fact<Parameters<typeof facts.recoveryAttempted>[0]>

export function recoveries(log: readonly Fact[]): readonly RecoveryFact[] {
  return log.filter((fact): fact is RecoveryFact => facts.recoveryAttempted.match(fact))
}

/** The reference's word for what a recovery came to. */
export function recoveryEventType(fact: RecoveryFact): string {
  return EVENTS[fact.payload.outcome]
}
