import type { OpenedSession } from '../../slices/admission.js'
import type { FactPayload, gateEvaluated, policyEvaluated } from '../../slices/facts.js'
import type { OrchestratorConfig } from '../../slices/rules/orchestratorConfig.js'
import { evaluatePolicy, type PolicyCondition } from '../../slices/rules/policy.js'
import { isAbove, type PriceList } from '../../slices/rules/prices.js'
import { evaluateQuality } from '../../slices/rules/quality.js'
import { totalCostUsd } from '../../slices/usage.js'
import type { AskedState } from './whatIfRules.js'
import type { GateDifference, PolicyDifference, SessionTally } from './whatIfSession.js'

/** The names of functions that a condition asks. */
export function customConditions(condition: PolicyCondition): readonly string[] {
  switch (condition.type) {
    case 'custom':
      return [condition.name]
    case 'not':
      return customConditions(condition.condition)
    case 'and':
    case 'or':
      return condition.conditions.flatMap(customConditions)
    default:
      return []
  }
}

interface PolicyQuestion {
  readonly state: AskedState
  readonly session: OpenedSession
  readonly config: OrchestratorConfig
  readonly tally: SessionTally
  readonly recordedPrices: PriceList
}

/** Which other rules would have fired. Rules that ask functions count as they did. */
export function comparePolicy(
  { seq }: { readonly seq: number },
  { context, fired }: FactPayload<typeof policyEvaluated>,
  question: PolicyQuestion,
): PolicyDifference | undefined {
  const { session, config, state, tally, recordedPrices } = question
  const recordedUsd = totalCostUsd(tally.recorded, recordedPrices) + totalCostUsd(tally.copied, recordedPrices)
  // Unless its caller said what it cost.
  const isDerived = !isAbove(context.totalCostUsd, recordedUsd) && !isAbove(recordedUsd, context.totalCostUsd)
  const changed = evaluatePolicy(
    config.policy.filter(({ condition }) => customConditions(condition).length === 0),
    {
      ...context,
      totalCostUsd: isDerived ? totalCostUsd(session.usage, state.pricing) : context.totalCostUsd,
      gatePassed: session.gates.last?.satisfied ?? false,
    },
  )
  const unknown = config.policy
    .filter(({ condition }) => customConditions(condition).length > 0)
    .map(({ name }) => name)
  const gained = changed.fired.filter((name) => !fired.includes(name))
  const lost = fired.filter((name) => !changed.fired.includes(name) && !unknown.includes(name))
  return gained.length + lost.length === 0 ? undefined : { seq, gained, lost }
}

/** What a gate says under the changes, and whether that is something else. */
export function compareGate(
  { seq }: { readonly seq: number },
  { required, observed, satisfied }: FactPayload<typeof gateEvaluated>,
  { qualityGate }: OrchestratorConfig,
): { readonly outcome: ReturnType<typeof evaluateQuality>; readonly difference: GateDifference | undefined } {
  const outcome = evaluateQuality(qualityGate ?? required, observed)
  if (outcome.satisfied === satisfied) return { outcome, difference: undefined }
  const difference = {
    ...{ seq, observed },
    required: { recorded: required, changed: outcome.required },
    satisfied: { recorded: satisfied, changed: outcome.satisfied },
  }
  return { outcome, difference }
}
