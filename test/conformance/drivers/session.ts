import {
  agentEvents,
  createAgentRuntime,
  GuardrailViolatedError,
  type AgentEvent,
  type AgentRuntime,
  type AgentSession,
  type FailureClass,
  type JsonObject,
  type MemoryLog,
  type ModelPricing,
  type Orchestrator,
  type OrchestratorOptions,
  type PolicyRule,
  type Sink,
  type UsageInput,
  type UsageRecord,
} from '../../../src/index.js'
import { categoryOf, raisable, type ErrorDescription } from '../errors.js'
import { expectEqual, isRecord, Mismatch, Pending, type VectorFile } from '../suite.js'
import { guardrailOf, type ReferenceGuardrail } from './guardrails.js'
import { permissionsOf, type ReferencePermissions } from './permissions.js'
import { contextOf, ruleOf } from './policy.js'
import { levelName } from './qualityGate.js'
import { recoveries, recoveryEventType } from './recovery.js'

interface Input {
  readonly pricing: Readonly<Record<string, ModelPricing>>
  readonly orchestrator: ReferenceOrchestrator
  readonly sessions: readonly { readonly threadId?: string; readonly steps: readonly Step[] }[]
}

interface ReferenceOrchestrator {
  readonly role?: string
  readonly phase?: string
  readonly projectId?: number
  readonly budgetUsd?: number
  readonly enforceBudget?: boolean
  readonly maxIterations?: number
  readonly permissions?: ReferencePermissions
  readonly breaker?: {
    readonly name: string
    readonly failureThreshold?: number
    readonly recoveryTimeoutSeconds?: number
    readonly halfOpenMaxProbes?: number
  }
  readonly guardrails?: readonly ReferenceGuardrail[]
  readonly policyRules?: readonly PolicyRule[]
  readonly qualityGate?: string
  readonly eventSinkFailsAt?: readonly number[]
  readonly saver?: boolean
  readonly [later: string]: unknown
}

interface Step {
  readonly op: string
  readonly catch?: boolean
  readonly outcome?: { readonly value?: unknown; readonly raise?: ErrorDescription; readonly hang?: boolean }
  readonly model?: string
  readonly usage?: UsageInput
  readonly idempotencyKey?: string
  readonly timeoutSeconds?: number
  readonly tool?: string
  readonly targetRole?: string
  readonly reason?: string
  readonly context?: JsonObject
  readonly observed?: string
  readonly detail?: string
  readonly failureClass?: FailureClass
  readonly error?: ErrorDescription
  readonly seconds?: number
  readonly [policyContext: string]: unknown
}

interface ExpectedSession {
  readonly steps: readonly Record<string, unknown>[]
  readonly exitError: string | null
  readonly status: string
  readonly iterations: number
  readonly events: readonly Record<string, unknown>[]
  readonly workerTransitions: readonly Record<string, unknown>[]
  readonly usage: object
  readonly perModelCost: object
  readonly recoveryEvents: readonly object[]
  readonly breaker?: object
}

interface Expected {
  readonly sessions: readonly ExpectedSession[]
  readonly workers: readonly object[]
  readonly usageRecords: readonly object[]
}

/** What the runs of one case share. */
interface World {
  readonly runtime: AgentRuntime<MemoryLog>
  readonly orchestrator: Orchestrator
  readonly clock: { nowMs: number }
  /** The errors that the case itself raised. */
  readonly raised: unknown[]
  readonly usageRecords: UsageRecord[]
}

export async function session(input: Input, expected: Expected, file: VectorFile) {
  refuseWhatIsMissing(input)
  const tolerance = file['tolerance'] as number | undefined
  const world = setUp(input)
  for (const [index, given] of input.sessions.entries()) {
    const actual = await runSession(world, given)
    compareSession(expected.sessions[index], actual, input.orchestrator, `sessions[${index}]`, tolerance)
  }
  expectEqual(expected.workers, workersOf(world), 'workers')
  const records = world.usageRecords.map(({ model, usage, costUsd }) => ({ model, usage: nonZero(usage), costUsd }))
  expectEqual(expected.usageRecords, records, 'usageRecords', tolerance)
}

function setUp({ pricing, orchestrator: reference }: Input): World {
  const clock = { nowMs: 0 }
  const usageRecords: UsageRecord[] = []
  const runtime = createAgentRuntime({
    // Timeouts are real, everything else sees the manual time.
    clock: { now: () => clock.nowMs, setTimeout: (callback, ms) => setTimeout(callback, ms), clearTimeout },
    sinks: [
      failingSink(reference.eventSinkFailsAt ?? []),
      { name: 'usage', usage: (record) => void usageRecords.push(record) },
    ],
    onWarning: () => undefined,
  })
  runtime.registerPricing(pricing)
  const orchestrator = runtime.orchestrator(optionsOf(reference))
  return { runtime, orchestrator, clock, raised: [], usageRecords }
}

function failingSink(failsAt: readonly number[]): Sink {
  let emitted = -1
  return {
    name: 'failing',
    event() {
      emitted += 1
      if (failsAt.includes(emitted)) throw new Error('sink is down')
    },
  }
}

function optionsOf(reference: ReferenceOrchestrator): OrchestratorOptions {
  const { role = 'writer', phase = 'draft', breaker, permissions, qualityGate } = reference
  return {
    role,
    phase,
    projectId: reference.projectId,
    budgetUsd: reference.budgetUsd,
    enforceBudget: reference.enforceBudget,
    maxIterations: reference.maxIterations,
    permissions: permissions && permissionsOf(permissions),
    circuitBreaker: breaker && {
      name: breaker.name,
      failureThreshold: breaker.failureThreshold,
      recoveryTimeoutMs:
        breaker.recoveryTimeoutSeconds === undefined ? undefined : breaker.recoveryTimeoutSeconds * 1_000,
      halfOpenMaxProbes: breaker.halfOpenMaxProbes,
    },
    guardrails: reference.guardrails?.map(guardrailOf),
    policy: reference.policyRules?.map(ruleOf),
    qualityGate: qualityGate === undefined ? undefined : levelName(qualityGate),
  }
}

function refuseWhatIsMissing({ orchestrator, sessions }: Input): void {
  for (const feature of ['governance', 'usageLimits', 'rateLimiter', 'hooks']) {
    if (orchestrator[feature] !== undefined) throw new Pending(feature)
  }
  for (const { threadId, steps } of sessions) {
    for (const { op, idempotencyKey } of steps) {
      if (['runTurnStream', 'pauseForInput', 'startPause', 'provideInput', 'awaitPause'].includes(op))
        throw new Pending(op)
      if (idempotencyKey !== undefined && orchestrator.saver && threadId !== undefined)
        throw new Pending('idempotencyKey')
    }
  }
}

// --- running -------------------------------------------------------------------------------------------------------------------

interface RanSession {
  readonly exitError: string | null
  readonly steps: readonly Record<string, unknown>[]
  readonly observed: Omit<ExpectedSession, 'exitError' | 'steps'>
}

async function runSession(world: World, given: Input['sessions'][number]): Promise<RanSession> {
  const steps: Record<string, unknown>[] = []
  const controller = new AbortController()
  let id = ''
  const body = async (session: AgentSession): Promise<void> => {
    id = session.id
    for (const step of given.steps) {
      const { actual, thrown } = await runStep(world, session, step, controller)
      steps.push(actual)
      if (thrown && !step.catch) throw thrown.error
    }
  }
  const options = { threadId: given.threadId, signal: controller.signal }
  const exit = await world.orchestrator.session(body, options).then(
    () => null,
    (error: unknown) => categoryOf(error, world.raised),
  )
  return { exitError: exit, steps, observed: observe(world, id) }
}

async function runStep(world: World, session: AgentSession, step: Step, controller: AbortController) {
  const actual: Record<string, unknown> = {}
  const thunk = (): Promise<unknown> => {
    actual['invoked'] = true
    const { raise, hang, value } = step.outcome ?? {}
    if (hang) return new Promise(() => undefined)
    return raise ? Promise.reject(raiseIn(world, raise)) : Promise.resolve(value)
  }
  if (step.op === 'runTurn' || step.op === 'runTool') actual['invoked'] = false
  try {
    const result = await perform(world, session, step, thunk, controller)
    if (result !== undefined) actual['result'] = result
    return { actual }
  } catch (error) {
    actual['error'] = categoryOf(error, world.raised)
    actual['errorData'] = error
    return { actual, thrown: { error } }
  }
}

async function perform(
  world: World,
  session: AgentSession,
  step: Step,
  thunk: () => Promise<unknown>,
  controller: AbortController,
): Promise<unknown> {
  switch (step.op) {
    case 'runTurn': {
      const { model, usage, timeoutSeconds } = step
      const timeoutMs = timeoutSeconds === undefined ? undefined : timeoutSeconds * 1_000
      const result = await session.runTurn(thunk, { model, usage, timeoutMs })
      return { value: result.value, usage: nonZero(result.usage) }
    }
    case 'runTool':
      return { value: await session.runTool(step.tool ?? '', thunk) }
    case 'handoffTo': {
      const { targetRole = '', reason = '', context } = step
      const handoff = await session.handoffTo(targetRole, { reason, context })
      const { sourceRole, phase, projectId } = handoff
      return { sourceRole, targetRole: handoff.targetRole, phase, projectId }
    }
    case 'evaluateGate': {
      const outcome = session.evaluateGate(step.observed === undefined ? null : levelName(step.observed))
      return outcome ? { satisfied: outcome.satisfied } : undefined
    }
    case 'evaluatePolicy': {
      const { op: _op, catch: _catch, ...context } = step
      return session.evaluatePolicy(contextOf(context as never))
    }
    case 'authorize':
      return { allowed: session.authorize(step.tool ?? '').allowed }
    case 'complete':
      return session.complete(step.detail)
    case 'fail':
      return session.fail(step.detail ?? '', step.failureClass)
    case 'cancel':
      return session.cancel(step.detail)
    case 'raise':
      throw raiseIn(world, step.error ?? { type: 'generic' })
    case 'cancelTask':
      controller.abort()
      throw controller.signal.reason
    case 'advance':
      world.clock.nowMs += (step.seconds ?? 0) * 1_000
      return undefined
    default:
      throw new Pending(step.op)
  }
}

function raiseIn(world: World, description: ErrorDescription): Error {
  const error = raisable(description)
  world.raised.push(error)
  return error
}

// --- what was observed ---------------------------------------------------------------------------------------------------------

function observe({ runtime }: World, id: string): RanSession['observed'] {
  const { status, usage, turns, breaker } = runtime.select.summary(id)
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
    ...(breaker && { breaker: { state: breaker.state, failures: breaker.failures } }),
  }
}

function workersOf({ runtime }: World): readonly object[] {
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

function compareSession(
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
  expectEqual(rest, actual, path, tolerance)
  if (!isRecord(expectedData)) return
  const carried = errorData instanceof GuardrailViolatedError ? guardrailData(errorData) : (errorData as object)
  for (const [key, value] of Object.entries(expectedData)) {
    expectEqual(value, (carried as Record<string, unknown>)[key], `${path}.errorData.${key}`, tolerance)
  }
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

function nonZero(usage: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(usage).filter(([, value]) => value !== 0 && value !== null))
}
