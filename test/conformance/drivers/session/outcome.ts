import { agentEvents, GuardrailViolatedError, UsageLimitExceededError, type AgentEvent } from '../../../../src/index.js'
import { expectEqual, isRecord, Mismatch } from '../../suite.js'
import { inMicroDollars } from '../usageLimits.js'
import { recoveries, recoveryEventType } from '../recovery.js'
import type { ExpectedSession, ReferenceOrchestrator } from './vectors.js'
import type { World } from './world.js'

export interface RanSession {
  readonly exitError: string | null
  readonly steps: readonly Record<string, unknown>[]
  readonly observed: Omit<ExpectedSession, 'exitError' | 'steps'>
}

// --- what was observed ---------------------------------------------------------------------------------------------------------

export function observe({ runtime, reference }: World, id: string): RanSession['observed'] {
  const { status, usage, turns, tools, breaker } = runtime.select.summary(id)
  const { turns: counted, inputTokens, outputTokens, costUsd, formattedCost } = usage
  const log = runtime.log.facts()
  const transitions = runtime.select.session(id)?.lifecycle.recent ?? []
  return {
    status,
    iterations: turns.iterations,
    events: agentEvents(log)
      .filter((event) => event.sessionId === id)
      .map((event) => ({ ...event })),
    workerTransitions: transitions.map(({ status, detail }) => ({ status, detail })),
    usage: {
      turns: counted,
      totalInputTokens: inputTokens,
      totalOutputTokens: outputTokens,
      totalCostUsd: costUsd,
      formattedCost,
    },
    perModelCost: Object.fromEntries(usage.models.map(({ model, costUsd }) => [model, costUsd])),
    recoveryEvents: recoveries(log)
      .filter(({ payload }) => payload.sessionId === id)
      .map((fact) => ({
        eventType: recoveryEventType(fact),
        scenario: fact.payload.scenario,
        outcome: fact.payload.outcome,
      })),
    ...(reference.governance && {
      governance: {
        turns: turns.iterations,
        toolCalls: tools.attempted,
        consecutiveFailures: turns.failuresInARow,
        costUsd,
      },
    }),
    ...(breaker && { breaker: { state: breaker.state, failures: breaker.failures } }),
  }
}

export function workersOf({ runtime }: World): readonly object[] {
  const { count } = runtime.getState().sessions
  const workers = Array.from({ length: count }, (_, index) => runtime.select.session(`session-${index + 1}`))
  return workers.map((worker) => ({
    role: worker?.role,
    phase: worker?.phase,
    projectId: worker?.projectId,
    status: worker?.lifecycle.status,
  }))
}

// --- comparing -----------------------------------------------------------------------------------------------------------------

export function compareSession(
  expected: ExpectedSession | undefined,
  { exitError, steps, observed }: RanSession,
  reference: ReferenceOrchestrator,
  path: string,
  tolerance: number | undefined,
): void {
  if (!expected) throw new Mismatch(`${path}: ran, but is not expected`)
  if (steps.length !== expected.steps.length) throw new Mismatch(`${path}.steps: ${steps.length} reached`)
  expected.steps.forEach((step, index) => compareStep(step, steps[index] ?? {}, `${path}.steps[${index}]`, tolerance))
  expectEqual(expected.exitError, exitError, `${path}.exitError`)
  const { events, workerTransitions, ...rest } = observed
  for (const key of Object.keys(rest) as (keyof typeof rest)[]) {
    expectEqual(expected[key], rest[key], `${path}.${key}`, tolerance)
  }
  compareLists(
    expected.events,
    events.map((event) => eventOf(event as never, reference)),
    `${path}.events`,
    tolerance,
  )
  compareLists(expected.workerTransitions, workerTransitions, `${path}.workerTransitions`, tolerance)
}

function compareStep(
  expected: Record<string, unknown>,
  { errorData, ...actual }: Record<string, unknown>,
  path: string,
  tolerance: number | undefined,
): void {
  const { errorData: expectedData, ...rest } = expected
  expectEqual(rest, matched(rest, actual), path, tolerance)
  if (!isRecord(expectedData)) return
  const carried = dataOf(errorData)
  for (const [key, value] of Object.entries(expectedData)) {
    expectEqual(value, (carried as Record<string, unknown>)[key], `${path}.errorData.${key}`, tolerance)
  }
}

function dataOf(error: unknown): object {
  if (error instanceof GuardrailViolatedError) return guardrailData(error)
  if (error instanceof UsageLimitExceededError && error.limitName === 'cost_usd') return inMicroDollars(error)
  return error as object
}

function guardrailData({ stage, names }: GuardrailViolatedError): object {
  return { stage, violations: names }
}

function compareLists(
  expected: readonly Record<string, unknown>[],
  actual: readonly Record<string, unknown>[],
  path: string,
  tolerance: number | undefined,
): void {
  const names = (list: readonly Record<string, unknown>[]) =>
    list.map((item) => item['event'] ?? item['status']).join(', ')
  if (expected.length !== actual.length) {
    throw new Mismatch(`${path}: expected ${names(expected)}; got ${names(actual)}`)
  }
  expected.forEach((item, index) => expectEqual(item, matched(item, actual[index]), `${path}[${index}]`, tolerance))
}

/** What an event says, without what it has in common with all events of its orchestrator. */
function eventOf(event: AgentEvent, reference: ReferenceOrchestrator): Record<string, unknown> {
  const { event: name, status, failureClass, detail, data } = event
  const own = { role: reference.role ?? 'writer', phase: reference.phase ?? 'draft', projectId: reference.projectId }
  const differing = (['role', 'phase', 'projectId'] as const).filter((key) => event[key] !== own[key])
  return {
    ...{ event: name, status, failureClass, detail, data },
    ...Object.fromEntries(differing.map((key) => [key, event[key] ?? null])),
  }
}

/** Where a vector leaves the wording open, an actual text that fits becomes the vector's. */
function matched(expected: unknown, actual: unknown): unknown {
  if (Array.isArray(expected) && Array.isArray(actual)) {
    return actual.map((item, index) => matched(expected[index], item))
  }
  if (isRecord(expected) && isRecord(actual)) {
    return Object.fromEntries(Object.entries(actual).map(([key, value]) => [key, matched(expected[key], value)]))
  }
  if (typeof expected !== 'string') return actual
  const text = String(actual)
  if (expected === '@any' && text !== '') return expected
  if (expected === '@raised' && text.endsWith(' raised')) return expected
  if (expected === '@limit' && text.includes('>')) return expected
  return REWORDED[expected] === text ? expected : actual
}

/** The same event in other words. */
const REWORDED: Readonly<Record<string, string>> = {
  'async session cancelled': 'signal aborted',
}

export function nonZero(usage: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(usage).filter(([, value]) => value !== 0 && value !== null))
}
