import type { GovernanceLimit, GovernanceLimitName } from './governance.js'
import type { OrchestratorConfig } from './orchestratorConfig.js'
import type { UsageLimits } from './usageLimits.js'

/** Caps that one session has instead of its orchestrator's. What is absent stays as it is; `null` takes a cap away. */
export interface RaisedLimits {
  readonly maxIterations?: number | null
  readonly budgetUsd?: number | null
  readonly usageLimits?: Partial<UsageLimits>
  /** For every limit of that name, whatever its scope. Names that the orchestrator does not limit stay without a limit. */
  readonly governance?: Readonly<Partial<Record<GovernanceLimitName, number>>>
}

/** The caps that bind one session. */
export interface SessionLimits {
  readonly maxIterations: number | null
  readonly budgetUsd: number | null
  readonly usageLimits: UsageLimits | null
  readonly governance: readonly GovernanceLimit[]
}

const unlimited: UsageLimits = {
  maxInputTokens: null,
  maxOutputTokens: null,
  maxTotalTokens: null,
  maxToolCalls: null,
  maxCostUsd: null,
}

/** @param raised - `null`: none was raised. */
export function limitsOf(config: OrchestratorConfig, raised: RaisedLimits | null): SessionLimits {
  if (raised === null) return config
  return {
    maxIterations: raised.maxIterations === undefined ? config.maxIterations : raised.maxIterations,
    budgetUsd: raised.budgetUsd === undefined ? config.budgetUsd : raised.budgetUsd,
    usageLimits: raised.usageLimits
      ? raiseUsageLimits(config.usageLimits ?? unlimited, raised.usageLimits)
      : config.usageLimits,
    governance: raised.governance ? raiseGovernance(config.governance, raised.governance) : config.governance,
  }
}

/** Both together. What the later one says goes. */
export function mergeRaised(earlier: RaisedLimits | null, later: RaisedLimits): RaisedLimits {
  const usageLimits = { ...earlier?.usageLimits, ...later.usageLimits }
  const governance = { ...earlier?.governance, ...later.governance }
  return {
    ...earlier,
    ...later,
    ...(Object.keys(usageLimits).length > 0 && { usageLimits }),
    ...(Object.keys(governance).length > 0 && { governance }),
  }
}

// Literals: this is asked several times a turn of a session whose limits were raised.
function raiseUsageLimits(limits: UsageLimits, raised: Partial<UsageLimits>): UsageLimits {
  return {
    maxInputTokens: raised.maxInputTokens === undefined ? limits.maxInputTokens : raised.maxInputTokens,
    maxOutputTokens: raised.maxOutputTokens === undefined ? limits.maxOutputTokens : raised.maxOutputTokens,
    maxTotalTokens: raised.maxTotalTokens === undefined ? limits.maxTotalTokens : raised.maxTotalTokens,
    maxToolCalls: raised.maxToolCalls === undefined ? limits.maxToolCalls : raised.maxToolCalls,
    maxCostUsd: raised.maxCostUsd === undefined ? limits.maxCostUsd : raised.maxCostUsd,
  }
}

function raiseGovernance(
  limits: readonly GovernanceLimit[],
  raised: NonNullable<RaisedLimits['governance']>,
): readonly GovernanceLimit[] {
  return limits.map(({ limit, value, scope, onBreach, alerts }) => ({
    limit,
    value: raised[limit] ?? value,
    scope,
    onBreach,
    alerts,
  }))
}
