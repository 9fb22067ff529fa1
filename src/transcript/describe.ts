import type { Fact, FactKind } from '../../slices/fact.js'
import * as facts from '../../slices/facts.js'
import type { FactPayload, TurnEnded } from '../../slices/facts.js'
import type { ErrorInfo } from '../../slices/rules/errors.js'
import type { Breach } from '../../slices/rules/governance.js'
import type { LifecycleStatus } from '../../slices/rules/lifecycle.js'
import { formatCost, type PriceList } from '../../slices/rules/prices.js'
import { detailWithoutContent } from './content.js'
import { callCostUsd } from './paid.js'
import { formatMs, plural } from './words.js'

/*
 * Facts in the words of people who read a transcript. What comes from the log is not escaped here, and nothing that was said is
 * in it.
 */

/** What a description needs besides its fact. */
export interface Told {
  /** `null`: what things cost is not told. */
  readonly prices: PriceList | null
  /** Since the call it ends began. `null`: it ends none, or nobody knows. */
  readonly tookMs: number | null
  /** Whether it is told how long recoveries waited. Default true. */
  readonly waits?: boolean
}

type Describe = (fact: Fact<never>, told: Told) => string

const descriptions = define((on) => {
  on(
    facts.orchestratorRegistered,
    ({ orchestratorId, config }) => `registered ${orchestratorId}: ${config.role}/${config.phase}`,
  )
  on(facts.pricingRegistered, ({ entries }) => `prices registered for ${entries.map(({ key }) => key).join(', ')}`)
  on(facts.breakerConfigured, ({ name }) => `circuit breaker ${name} configured`)
  on(facts.breakerReset, ({ name }) => `circuit breaker ${name} reset`)
  on(facts.breakerOutcomeRecorded, ({ name, outcome }) => `circuit breaker ${name} told of a ${outcome}`)
  on(facts.rateLimitsConfigured, ({ name }) => `rate limit ${name} configured`)
  on(facts.rateLimitsCharged, ({ name, tokens }) => `rate limit ${name} charged: ${pairs(tokens)}`)
  on(facts.providersConfigured, ({ name }) => `providers ${name} configured`)

  on(facts.sessionOpened, ({ role, phase, threadId, projectId }) => {
    const thread = threadId === null ? '' : `, thread ${threadId}`
    return `opened: ${role}/${phase}${thread}${projectId === null ? '' : `, project ${projectId}`}`
  })
  on(facts.sessionCompleted, ({ detail }) => `completed${because('completed', detail)}`)
  on(facts.sessionFailed, ({ failureClass, detail }) => `failed, ${failureClass}${because('failed', detail)}`)
  on(facts.sessionCancelled, ({ detail }) => `cancelled${because('cancelled', detail)}`)
  on(facts.sessionParked, () => 'parked: its process went down')
  on(facts.sessionResumed, ({ orchestratorId }) => `taken up again by ${orchestratorId}`)
  on(facts.sessionReturned, ({ run, outcome }) => `its function ${run} ${OUTCOMES[outcome.kind]}`)
  on(facts.limitsRaised, ({ limits }) => `limits raised: ${Object.keys(limits).join(', ')}`)
  on(facts.sessionsEvicted, ({ sessionIds }) => `${plural(sessionIds.length, 'ended session')} forgotten`)
  on(facts.threadsEvicted, ({ threadIds }) => `${plural(threadIds.length, 'thread')} forgotten`)

  on(facts.turnStarted, ({ turnId, model, route, reservedUsd }) => {
    const by = route ? ` by ${route.provider}` : ''
    return `${turnId} started${onModel(model)}${by}${reservedUsd > 0 ? `, ${formatCost(reservedUsd)} reserved` : ''}`
  })
  on(facts.turnRefused, ({ model, reason }) => `turn refused${onModel(model)}: ${reason}`)
  on(facts.turnCompleted, (ended, told) => `${ended.turnId} completed${spent(ended, told)}`)
  on(
    facts.turnFailed,
    (ended, told) => `${ended.turnId} failed, ${ended.failureClass} (${nameOf(ended.error)})${spent(ended, told)}`,
  )
  on(facts.turnCancelled, (ended, told) => `${ended.turnId} cancelled: ${ended.by}${spent(ended, told)}`)
  on(facts.turnAttemptFailed, (ended, told) => {
    const { turnId, attempt, scenario, error } = ended
    return `${turnId} call ${attempt} failed, ${scenario} (${nameOf(error)})${spent(ended, told)}`
  })
  on(facts.turnRetried, ({ turnId, attempt, steps, waitedMs, model, route }, told) => {
    const by = route ? ` by ${route.provider}` : ''
    return `${turnId} call ${attempt}${onModel(model)}${by}${after(steps, waitedMs, told)}`
  })
  on(facts.turnKept, ({ turnId, key }) => `${turnId} kept for the idempotency key ${key}`)
  on(
    facts.turnReplayed,
    ({ key, original }) => `turn answered by ${original.sessionId} ${original.turnId}, idempotency key ${key}`,
  )
  on(
    facts.turnBlocked,
    ({ turnId, stage, guardrails }) => `${turnId ?? 'turn'} blocked ${stage} by ${guardrails.join(', ')}`,
  )
  on(facts.turnChunked, ({ turnId, text }) => `${turnId} chunk of ${plural(text.length, 'character')}`)
  on(facts.recoveryAttempted, ({ callId, scenario, outcome, recoveredSteps, remainingSteps }) => {
    const left = remainingSteps.length > 0 ? `, left: ${remainingSteps.join(', ')}` : ''
    return `${callId} recovery from ${scenario}: ${outcome}, did: ${recoveredSteps.join(', ') || 'nothing'}${left}`
  })

  on(facts.budgetExceeded, ({ budgetUsd, costUsd, enforced }) => {
    return `budget exceeded: ${formatCost(costUsd)} of ${formatCost(budgetUsd)}${enforced ? '' : ', told only'}`
  })
  on(
    facts.usageLimitExceeded,
    ({ limitName, observed, ceiling }) => `usage limit exceeded: ${limitName} ${observed} > ${ceiling}`,
  )
  on(facts.governanceAlerted, (breach) => `governance alert: ${describeBreach(breach)}`)
  on(facts.governanceBreached, (breach) => `governance breach: ${describeBreach(breach)}`)
  on(facts.failuresCleared, () => 'failures in a row cleared')

  on(facts.toolStarted, ({ toolCallId, tool }) => `${toolCallId} ${tool} started`)
  on(facts.toolCompleted, ({ toolCallId, tool }, told) => `${toolCallId} ${tool} completed${took(told)}`)
  on(
    facts.toolFailed,
    ({ toolCallId, tool, error }, told) => `${toolCallId} ${tool} failed (${nameOf(error)})${took(told)}`,
  )
  on(
    facts.toolAttemptFailed,
    ({ toolCallId, tool, attempt, error }) => `${toolCallId} ${tool} call ${attempt} failed (${nameOf(error)})`,
  )
  on(
    facts.toolRetried,
    ({ toolCallId, tool, attempt, waitedMs }, told) =>
      `${toolCallId} ${tool} call ${attempt}${after([], waitedMs, told)}`,
  )
  on(facts.toolCancelled, ({ toolCallId, tool }, told) => `${toolCallId} ${tool} cancelled${took(told)}`)
  on(facts.toolInterrupted, ({ toolCallId, tool }) => `${toolCallId} ${tool} interrupted: nobody knows what it did`)
  on(
    facts.toolBlocked,
    ({ toolCallId, tool, by }) => `${toolCallId === null ? '' : `${toolCallId} `}${tool} blocked by ${blockedBy(by)}`,
  )

  on(
    facts.inputRequested,
    ({ requestId, kind, timeoutMs }) => `${requestId} asks a person, ${kind}${within(timeoutMs)}`,
  )
  on(facts.inputProvided, ({ requestId }) => `${requestId} answered`)
  on(facts.inputExpired, ({ requestId }) => `${requestId} expired`)
  on(facts.inputCancelled, ({ requestId }) => `${requestId} cancelled`)
  on(
    facts.approvalRequested,
    ({ requestId, tool, timeoutMs }) => `${requestId} asks to approve ${tool}${within(timeoutMs)}`,
  )
  on(facts.approvalResolved, ({ requestId, decision }) => `${requestId} ${decision}`)
  on(facts.callAnswered, ({ kind, name, outcome }) => `${kind}${name && ` ${name}`} ${OUTCOMES[outcome.kind]}`)

  on(facts.gateEvaluated, ({ required, observed, satisfied }) => {
    return `gate ${satisfied ? 'passed' : 'failed'}: ${observed ?? 'nothing'} observed, ${required} required`
  })
  on(facts.policyEvaluated, ({ fired, actions }) => {
    return fired.length === 0
      ? 'policies: none fired'
      : `policies fired: ${fired.join(', ')} -> ${actions.map(({ action }) => action).join(', ')}`
  })
  on(facts.handoffIssued, ({ targetRole, targetSessionId }) => `handed off to ${targetRole} as ${targetSessionId}`)
  on(facts.sinkFailed, ({ sink, error, dropped }) => `sink ${sink} failed (${nameOf(error)}), ${dropped} dropped`)
})

/** What happened, in a few words. */
export function describeFact(fact: Fact, told: Told): string {
  const text = descriptions.get(fact.type)?.(fact as Fact<never>, told) ?? fact.type
  return fact.meta.origin === undefined ? text : `${text} (copy of ${fact.meta.origin})`
}

const OUTCOMES = { returned: 'returned', threw: 'threw', lost: 'returned what no log can hold' } as const

function because(status: LifecycleStatus, detail: string | undefined): string {
  const told = detail ? detailWithoutContent({ status, detail }) : null
  return told === null ? '' : `: ${told}`
}

function onModel(model: string | null): string {
  return model === null ? '' : ` on ${model}`
}

function within(timeoutMs: number | null): string {
  return timeoutMs === null ? '' : `, within ${formatMs(timeoutMs)}`
}

function after(steps: readonly string[], waitedMs: number, { waits = true }: Told): string {
  const said = waits ? [...steps, formatMs(waitedMs)] : steps
  return said.length === 0 ? '' : ` after ${said.join(', ')}`
}

function took({ tookMs }: Told): string {
  return tookMs === null ? '' : ` in ${formatMs(tookMs)}`
}

function spent(ended: TurnEnded, told: Told): string {
  const { inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens } = ended.usage
  if (!ended.metered) return `${took(told)}, usage unknown`
  const cached = cacheReadTokens + cacheWriteTokens
  const input = `${inputTokens + cached} in${cached > 0 ? ` (${cacheReadTokens} cached)` : ''}`
  return `${took(told)}, ${input}, ${outputTokens} out${costOf(ended, told.prices)}`
}

function costOf(ended: TurnEnded, prices: PriceList | null): string {
  if (prices === null) return ''
  const costUsd = callCostUsd(ended, prices)
  return costUsd === null ? ', no price' : `, ${formatCost(costUsd)}`
}

function nameOf({ name, code }: ErrorInfo): string {
  return code === undefined ? name : `${name} ${code}`
}

function describeBreach({ limitName, observed, ceiling, scope }: Breach): string {
  return `${limitName} of its ${scope}, ${observed} > ${ceiling}`
}

function blockedBy(by: FactPayload<typeof facts.toolBlocked>['by']): string {
  switch (by.kind) {
    case 'permission':
      return `permission: ${by.reason}`
    case 'guardrail':
      return `guardrail ${by.stage}: ${by.guardrails.join(', ')}`
    case 'usage_limit':
    case 'governance':
    case 'hook':
    case 'approval':
      return by.kind
  }
}

function pairs(record: Readonly<Record<string, number>>): string {
  return Object.entries(record)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ')
}

type On = <Payload>(kind: FactKind<Payload>, describe: (payload: Payload, told: Told) => string) => void

function define(define: (on: On) => void): ReadonlyMap<string, Describe> {
  const descriptions = new Map<string, Describe>()
  define((kind, describe) => descriptions.set(kind.type, (fact, told) => describe(fact.payload, told)))
  return descriptions
}
