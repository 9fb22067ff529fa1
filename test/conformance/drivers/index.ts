import type { Driver } from '../suite.js'
import { Pending } from '../suite.js'
import { agentEvent } from './agentEvent.js'
import { circuitBreaker } from './circuitBreaker.js'
import { classification } from './classification.js'
import { formatCostDriver } from './formatCost.js'
import { guardrails } from './guardrails.js'
import { lifecycle } from './lifecycle.js'
import { permissions } from './permissions.js'
import { policy } from './policy.js'
import { pricing } from './pricing.js'
import { qualityGate } from './qualityGate.js'
import { recovery } from './recovery.js'
import { recoveryHelpers } from './recoveryHelpers.js'
import { session } from './session.js'
import { usageTracker } from './usageTracker.js'
import { validation } from './validation.js'

/** By primitive. */
export const drivers: Readonly<Record<string, Driver>> = {
  agent_event: agentEvent,
  audit: pending('the audit chain'),
  checkpoint: pending('checkpoints'),
  circuit_breaker: circuitBreaker,
  classification,
  format_cost: formatCostDriver,
  governance: pending('governance'),
  guardrails,
  hooks: pending('hooks'),
  lifecycle,
  memory: pending('conversation memory'),
  output_spec: pending('typed outputs'),
  permissions,
  policy,
  pricing,
  quality_gate: qualityGate,
  rate_limit: pending('rate limits'),
  recovery,
  recovery_helpers: recoveryHelpers,
  routing: pending('provider routing'),
  session,
  usage_limits: pending('usage limits'),
  usage_tracker: usageTracker,
  validation,
}

function pending(feature: string): Driver {
  return () => {
    throw new Pending(feature)
  }
}
