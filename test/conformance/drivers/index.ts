import type { Driver } from '../suite.js'
import { agentEvent } from './agentEvent.js'
import { audit } from './audit.js'
import { checkpoint } from './checkpoint.js'
import { circuitBreaker } from './circuitBreaker.js'
import { classification } from './classification.js'
import { formatCostDriver } from './formatCost.js'
import { governance } from './governance.js'
import { guardrails } from './guardrails.js'
import { hooks } from './hooks.js'
import { lifecycle } from './lifecycle.js'
import { memory } from './memory.js'
import { outputSpec } from './outputSpec.js'
import { permissions } from './permissions.js'
import { policy } from './policy.js'
import { pricing } from './pricing.js'
import { qualityGate } from './qualityGate.js'
import { rateLimit } from './rateLimit.js'
import { recovery } from './recovery.js'
import { recoveryHelpers } from './recoveryHelpers.js'
import { routing } from './routing.js'
import { session } from './session/run.js'
import { usageLimits } from './usageLimits.js'
import { usageTracker } from './usageTracker.js'
import { validation } from './validation.js'

/** By primitive. */
export const drivers: Readonly<Record<string, Driver>> = {
  agent_event: agentEvent,
  audit,
  checkpoint,
  circuit_breaker: circuitBreaker,
  classification,
  format_cost: formatCostDriver,
  governance,
  guardrails,
  hooks,
  lifecycle,
  memory,
  output_spec: outputSpec,
  permissions,
  policy,
  pricing,
  quality_gate: qualityGate,
  rate_limit: rateLimit,
  recovery,
  recovery_helpers: recoveryHelpers,
  routing,
  session,
  usage_limits: usageLimits,
  usage_tracker: usageTracker,
  validation,
}
