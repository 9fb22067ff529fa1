import type { FactKind } from '../../slices/fact.js'
import * as facts from '../../slices/facts.js'
import type { TurnEnded } from '../../slices/facts.js'
import { formatCost } from '../../slices/rules/prices.js'

/*
 * What a list of facts says about each of them, in a few words behind its type. Nothing that was said to a model, a tool or a
 * person is in it.
 */

type Name = (payload: never) => string

const names = define((on) => {
  on(facts.orchestratorRegistered, ({ orchestratorId, config }) => `${orchestratorId} ${config.role}/${config.phase}`)
  on(facts.pricingRegistered, ({ entries }) => entries.map(({ key }) => key).join(', '))
  on(facts.breakerConfigured, ({ name }) => name)
  on(facts.breakerReset, ({ name }) => name)
  on(facts.breakerOutcomeRecorded, ({ name, outcome }) => `${name} ${outcome}`)
  on(facts.rateLimitsConfigured, ({ name }) => name)
  on(facts.rateLimitsCharged, ({ name }) => name)
  on(facts.providersConfigured, ({ name }) => name)

  on(facts.sessionOpened, ({ role, phase, threadId }) => `${role}/${phase}${threadId === null ? '' : ` ${threadId}`}`)
  on(facts.sessionResumed, ({ orchestratorId }) => orchestratorId)
  on(facts.sessionReturned, ({ run, outcome }) => `${run} ${outcome.kind}`)
  on(facts.sessionFailed, ({ failureClass }) => failureClass)
  on(facts.limitsRaised, ({ limits }) => Object.keys(limits).join(', '))
  on(facts.sessionsEvicted, ({ sessionIds }) => counted(sessionIds.length, 'session'))
  on(facts.threadsEvicted, ({ threadIds }) => counted(threadIds.length, 'thread'))

  on(facts.turnStarted, ({ model }) => model ?? '')
  on(facts.turnRefused, ({ reason }) => reason)
  on(facts.turnCompleted, tokensOf)
  on(facts.turnFailed, ({ failureClass }) => failureClass)
  on(facts.turnAttemptFailed, ({ attempt, scenario }) => `call ${attempt} ${scenario}`)
  on(facts.turnRetried, ({ attempt, model }) => `call ${attempt}${model === null ? '' : ` ${model}`}`)
  on(facts.turnCancelled, ({ by }) => by)
  on(facts.turnBlocked, ({ stage, guardrails }) => `${stage} ${guardrails.join(', ')}`)
  on(facts.turnKept, ({ key }) => key)
  on(facts.turnReplayed, ({ key, original }) => `${key} of ${original.sessionId} ${original.turnId}`)
  on(facts.turnChunked, ({ text }) => counted(text.length, 'character'))
  on(facts.recoveryAttempted, ({ scenario, outcome }) => `${scenario} ${outcome}`)

  on(facts.budgetExceeded, ({ costUsd, budgetUsd }) => `${formatCost(costUsd)} of ${formatCost(budgetUsd)}`)
  on(facts.usageLimitExceeded, ({ limitName }) => limitName)
  on(facts.governanceAlerted, ({ limitName, scope }) => `${limitName} of its ${scope}`)
  on(facts.governanceBreached, ({ limitName, scope }) => `${limitName} of its ${scope}`)

  on(facts.toolStarted, ({ tool }) => tool)
  on(facts.toolCompleted, ({ tool }) => tool)
  on(facts.toolFailed, ({ tool, error }) => `${tool} ${error.code ?? error.name}`)
  on(facts.toolAttemptFailed, ({ tool, attempt, error }) => `${tool} call ${attempt} ${error.code ?? error.name}`)
  on(facts.toolRetried, ({ tool, attempt }) => `${tool} call ${attempt}`)
  on(facts.toolCancelled, ({ tool }) => tool)
  on(facts.toolInterrupted, ({ tool }) => tool)
  on(facts.toolBlocked, ({ tool, by }) => `${tool} by ${by.kind}`)

  on(facts.inputRequested, ({ kind }) => kind)
  on(facts.approvalRequested, ({ tool }) => tool)
  on(facts.approvalResolved, ({ decision }) => decision)
  on(facts.callAnswered, ({ kind, name, outcome }) => [kind, name, outcome.kind].filter(Boolean).join(' '))

  on(facts.gateEvaluated, ({ required, satisfied }) => `${required} ${satisfied ? 'passed' : 'failed'}`)
  on(facts.policyEvaluated, ({ fired }) => fired.join(', ') || 'none fired')
  on(facts.handoffIssued, ({ targetRole, targetSessionId }) => `to ${targetRole} as ${targetSessionId}`)
  on(facts.sinkFailed, ({ sink, dropped }) => `${sink} ${dropped} dropped`)
})

interface Ids {
  readonly sessionId?: string | null
  readonly turnId?: string | null
  readonly toolCallId?: string | null
  readonly requestId?: string
  readonly callId?: string
}

/** `session-3 turn-2 · 1,240 tokens`. Empty where the type of the fact says it all. */
export function nameOf(type: string, payload: object): string {
  const { sessionId, turnId, toolCallId, requestId, callId } = payload as Ids
  const ids = [sessionId, turnId ?? toolCallId ?? requestId ?? callId].filter(Boolean).join(' ')
  const detail = shortened(names.get(type)?.(payload as never) ?? '')
  return [ids, detail].filter((part) => part !== '').join(' · ')
}

const LONGEST = 80

/** Names are what users chose: a thread may be named by a whole address. */
function shortened(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text
}

function tokensOf({ usage, metered }: TurnEnded): string {
  if (!metered) return 'usage unknown'
  return counted(usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens + usage.outputTokens, 'token')
}

function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`
}

type On = <Payload>(kind: FactKind<Payload>, name: (payload: Payload) => string) => void

function define(define: (on: On) => void): ReadonlyMap<string, Name> {
  const names = new Map<string, Name>()
  define((kind, name) => names.set(kind.type, name))
  return names
}
