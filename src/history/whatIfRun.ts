import type { OpenedSession } from '../../slices/admission.js'
import type { Fact } from '../../slices/fact.js'
import {
  sessionCompleted,
  toolBlocked,
  turnAttemptFailed,
  turnRefused,
  type FactPayload,
  type SessionId,
} from '../../slices/facts.js'
import { isTerminal } from '../../slices/rules/lifecycle.js'
import type { PriceList } from '../../slices/rules/prices.js'
import { factAfter, type AnyFact } from '../../slices/state.js'
import { addUsage, countsAsUsage, turnCallEnds, type TurnCallEnd } from '../../slices/usage.js'
import type { ParsedChanges } from './whatIfChanges.js'
import { compareGate, comparePolicy, customConditions } from './whatIfPolicy.js'
import {
  findTurnOverrun,
  refuseReplay,
  refuseRetry,
  refusesRepeats,
  refuseTool,
  refuseTurn,
  type RuleRefusal,
} from './whatIfRules.js'
import { SessionTally, type Asked } from './whatIfSession.js'
import { WhatIfState } from './whatIfState.js'

/** Reads recorded facts once, and asks the rules of the runtime under other settings. */
export class WhatIfRun {
  readonly state: WhatIfState
  readonly tallies = new Map<SessionId, SessionTally>()
  readonly conditions = new Set<string>()
  readonly guardrails = new Set<string>()
  #seq = 0

  constructor(changes: ParsedChanges) {
    this.state = new WhatIfState(changes)
  }

  /** How many facts were read. */
  get facts(): number {
    return this.#seq
  }

  get recordedPrices(): PriceList {
    return { entries: this.state.prices.recorded, current: {} }
  }

  /** @throws {LogCorruptError | LogVersionError} */
  add(recorded: Fact): void {
    const fact = factAfter(this.#seq, recorded)
    this.#seq = fact.meta.seq
    const { sessionId } = fact.payload as { readonly sessionId?: SessionId | null }
    if (typeof sessionId === 'string') this.#addOfSession(fact as AnyFact, this.#tallyOf(fact as AnyFact, sessionId))
    else this.#configure(fact)
  }

  #configure(fact: Fact): void {
    const config = this.state.configure(fact)
    for (const name of config?.guardrails ?? []) this.guardrails.add(name)
    for (const { condition } of config?.policy ?? []) {
      for (const name of customConditions(condition)) this.conditions.add(name)
    }
  }

  #tallyOf(fact: AnyFact, sessionId: SessionId): SessionTally {
    let tally = this.tallies.get(sessionId)
    if (tally && fact.type !== 'sessions/opened') return tally
    tally ??= new SessionTally(sessionId, '', null)
    if (fact.type === 'sessions/opened')
      ({ role: tally.role, projectId: tally.projectId, threadId: tally.threadId } = fact.payload)
    this.tallies.set(sessionId, tally)
    return tally
  }

  #addOfSession(fact: AnyFact, tally: SessionTally): void {
    const priced = this.state.priced(fact) as AnyFact
    const goesOn = tally.stoppedAt === null
    if (goesOn) this.#ask(priced, tally)
    if (goesOn && tally.stoppedAt) this.#refuse(priced, tally.stoppedAt.rule)
    const isAvoided = tally.stoppedAt !== null && !isBegun(priced, tally)
    if (isCallEnd(fact) && countsAsUsage(fact)) countUsage(fact, priced as TurnCallEnd, tally, isAvoided)
    if (isAvoided) this.#avoid(priced, tally)
    else this.#follow(priced, tally)
  }

  /** The refusal counts for the thread and the project, as it would have. */
  #refuse({ type, payload, meta }: AnyFact, rule: string): void {
    const { sessionId } = payload as { readonly sessionId: SessionId }
    if (type === 'turns/started' || type === 'turns/replayed') {
      const reason = rule as FactPayload<typeof turnRefused>['reason']
      this.state.record({ ...turnRefused({ sessionId, model: payload.model, reason }), meta })
    } else if (type === 'tools/started' && rule !== 'permission_denied') {
      const by = { kind: rule === 'governance_breach' ? 'governance' : 'usage_limit' } as const
      this.state.record({ ...toolBlocked({ sessionId, tool: payload.tool, toolCallId: null, by }), meta })
    }
  }

  /** Asks the rules that the runtime asked before it recorded this. */
  #ask(fact: AnyFact, tally: SessionTally): void {
    const session = this.state.session(tally.sessionId)
    if (!session) return
    const { now } = this.state
    const { seq } = fact.meta
    switch (fact.type) {
      case 'turns/started': {
        const { model, reservedUsd: estimatedUsd } = fact.payload
        return stopAt(
          { seq, what: 'turn', name: model },
          refuseTurn(now, session, { model, estimatedUsd }),
          tally,
          session,
        )
      }
      case 'turns/retried': {
        const { turnId, model, reservedUsd: estimatedUsd } = fact.payload
        const refusal = refuseRetry(now, session, { model, estimatedUsd })
        return stopAt({ seq, what: 'turn', name: model }, refusal, tally, session, turnId)
      }
      case 'turns/replayed':
        return stopAt({ seq, what: 'turn', name: fact.payload.model }, refuseReplay(now, session), tally, session)
      case 'tools/started':
        return stopAt(
          { seq, what: 'tool', name: fact.payload.tool },
          refuseTool(now, session, fact.payload),
          tally,
          session,
        )
      default:
        return this.#askAgain(fact, tally, session)
    }
  }

  /** Asks the rules that did not allow something. */
  #askAgain(fact: AnyFact, tally: SessionTally, session: OpenedSession): void {
    const { now } = this.state
    const { seq } = fact.meta
    if (fact.type === 'turns/refused' && BY_RULE.includes(fact.payload.reason)) {
      const { model, reason } = fact.payload
      if (refuseTurn(now, session, { model, estimatedUsd: 0 })) return
      tally.allowed ??= { seq, what: 'turn', name: model, rule: reason }
    } else if (fact.type === 'tools/blocked' && fact.payload.toolCallId === null) {
      const { tool, by } = fact.payload
      if (!BY_RULE.includes(by.kind) || refuseTool(now, session, { tool, fingerprint: null })) return
      if (by.kind === 'governance') tally.blocked = { seq, what: 'tool', name: tool }
      else tally.allowed ??= { seq, what: 'tool', name: tool, rule: by.kind }
    } else if (fact.type === 'governance/breached') {
      const { blocked } = tally
      tally.blocked = null
      const isRepeat = fact.payload.limitName === 'max_repeated_calls'
      if (!blocked || (isRepeat && refusesRepeats(now, session, fact.payload))) return
      tally.allowed ??= { ...blocked, rule: 'governance' }
    }
  }

  /** What happens under the changes too. */
  #follow(fact: AnyFact, tally: SessionTally): void {
    const session = this.state.session(tally.sessionId)
    switch (fact.type) {
      case 'gates/evaluated':
        return this.#evaluateGate(fact, tally, session)
      case 'policies/evaluated':
        return this.#evaluatePolicy(fact, tally, session)
      case 'handoffs/issued':
        this.#registerWorker(fact)
        break
      case 'budgets/exceeded':
        if (fact.payload.enforced) tally.overran = null
        break
      case 'limits/exceeded':
      case 'governance/breached':
        tally.overran = null
    }
    this.state.record(fact)
    if (!tally.stoppedAt && !tally.overran) this.#findOverrun(fact, tally)
  }

  #findOverrun(fact: AnyFact, tally: SessionTally): void {
    const isAnswered = fact.type === 'turns/completed'
    const isFailed =
      fact.type === 'turns/failed' || (fact.type === 'turns/cancelled' && fact.payload.by === 'abandoned_stream')
    if (!isAnswered && !isFailed) return
    const session = this.state.session(tally.sessionId)
    const refusal = session && findTurnOverrun(this.state.now, session, isAnswered)
    if (refusal) tally.overran = { seq: fact.meta.seq, turnId: fact.payload.turnId, ...refusal }
  }

  #evaluateGate(
    fact: Extract<AnyFact, { type: 'gates/evaluated' }>,
    tally: SessionTally,
    session: OpenedSession | undefined,
  ): void {
    if (!session) return
    const { outcome, difference } = compareGate(fact.meta, fact.payload, this.state.configOf(session))
    if (difference) tally.gates.push(difference)
    this.state.record({ ...fact, payload: { sessionId: tally.sessionId, ...outcome } })
  }

  #evaluatePolicy(
    fact: Extract<AnyFact, { type: 'policies/evaluated' }>,
    tally: SessionTally,
    session: OpenedSession | undefined,
  ): void {
    if (!session) return
    const { recordedPrices } = this
    const question = { session, tally, recordedPrices, state: this.state.now, config: this.state.configOf(session) }
    const difference = comparePolicy(fact.meta, fact.payload, question)
    if (difference) tally.policies.push(difference)
  }

  #registerWorker({ payload }: Extract<AnyFact, { type: 'handoffs/issued' }>): SessionTally {
    const { targetSessionId, targetRole, projectId } = payload
    const tally = new SessionTally(targetSessionId, targetRole, projectId)
    this.tallies.set(targetSessionId, tally)
    return tally
  }

  /** What a session that was stopped did nevertheless. Its end is its end. */
  #avoid(fact: AnyFact, tally: SessionTally): void {
    switch (fact.type) {
      case 'turns/started':
        tally.avoidedTurns += 1
        break
      case 'tools/started':
        tally.avoidedTools += 1
        break
      case 'handoffs/issued': {
        const asked = { seq: fact.meta.seq, what: 'handoff', name: tally.sessionId } as const
        this.#registerWorker(fact).stop(asked, SOURCE_STOPPED)
        const { sessionId } = tally
        return this.#end({ type: sessionCompleted.type, payload: { sessionId }, meta: fact.meta }, sessionId)
      }
      case 'sessions/completed':
      case 'sessions/failed':
      case 'sessions/cancelled':
        this.#end(fact, tally.sessionId)
    }
  }

  #end(fact: Fact, sessionId: SessionId): void {
    const session = this.state.session(sessionId)
    if (session && !isTerminal(session.lifecycle.status)) this.state.record(fact)
  }
}

const BY_RULE: readonly string[] = [
  ...['max_iterations_exceeded', 'unpriced_model', 'budget_exceeded', 'usage_limit_exceeded', 'governance_breach'],
  ...['permission', 'usage_limit', 'governance'],
]

const SOURCE_STOPPED = {
  rule: 'source_stopped',
  limit: null,
  scope: null,
  observed: null,
  ceiling: null,
  reason: 'the session that it came from had been stopped',
} as const

/** @param dropped - A turn that was in flight, and is not followed. */
function stopAt(
  asked: Asked,
  refusal: RuleRefusal | undefined,
  tally: SessionTally,
  { inFlight, requests }: OpenedSession,
  dropped?: string,
): void {
  if (!refusal) return
  const turns = inFlight.turns.map(({ turnId }) => turnId).filter((turnId) => turnId !== dropped)
  const tools = inFlight.tools.map(({ toolCallId }) => toolCallId)
  const questions = requests.pending.map(({ requestId }) => requestId)
  tally.stop(asked, refusal, [...turns, ...tools, ...questions])
}

function isBegun({ payload }: AnyFact, { begun }: SessionTally): boolean {
  if (begun.size === 0) return false
  const { turnId, toolCallId, requestId } = payload as Readonly<Record<string, unknown>>
  const id = turnId ?? toolCallId ?? requestId
  return typeof id === 'string' && begun.has(id)
}

const CALL_ENDS: ReadonlySet<string> = new Set(turnCallEnds.map(({ type }) => type))

function isCallEnd(fact: Fact): fact is TurnCallEnd {
  return CALL_ENDS.has(fact.type)
}

function countUsage(recorded: TurnCallEnd, priced: TurnCallEnd, tally: SessionTally, isAvoided: boolean): void {
  const turns = turnAttemptFailed.match(recorded) ? 0 : 1
  if (recorded.meta.origin !== undefined) {
    tally.copied = addUsage(tally.copied, recorded.payload, turns)
    return
  }
  tally.recorded = addUsage(tally.recorded, recorded.payload, turns)
  if (isAvoided) tally.avoided = addUsage(tally.avoided, priced.payload, turns)
  else tally.changed = addUsage(tally.changed, priced.payload, turns)
}
