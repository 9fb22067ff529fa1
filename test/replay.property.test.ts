import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  createAgentRuntime,
  initialState,
  replay,
  type AgentRuntime,
  type AgentSession,
  type Clock,
  type Guardrail,
  type Handoff,
  type MemoryLog,
  type Orchestrator,
  type RuntimeState,
} from '../src/index.js'
import { createManualClock, settle, type ManualClock } from '../src/testing/index.js'

/*
 * Random programs: several runtimes, several sessions in each, all at once. Whatever they do, the facts alone give the same state,
 * after every fact.
 */

const usage = fc.record({
  inputTokens: fc.nat(5_000),
  outputTokens: fc.nat(5_000),
  cacheReadTokens: fc.nat(100),
  cacheTtl: fc.constantFrom(null, '5m', ' 1h '),
})

const turn = fc.record({
  op: fc.constant('turn' as const),
  outcome: fc.constantFrom('ok', 'ok', 'fail', 'timeout', 'abort', 'hang'),
  model: fc.constantFrom('your-model', 'your-model-2', 'mystery', undefined),
  usage,
  delayMs: fc.nat(30),
  reports: fc.boolean(),
})

const tool = fc.record({
  op: fc.constant('tool' as const),
  name: fc.constantFrom('lookup', 'write_db', 'Shell', 'fetch', 'poison'),
  outcome: fc.constantFrom('ok', 'throw', 'timeout'),
  delayMs: fc.nat(30),
})

const step = fc.oneof(
  { weight: 5, arbitrary: turn },
  { weight: 3, arbitrary: tool },
  fc.record({ op: fc.constant('gate' as const), level: fc.constantFrom('minimal', 'strict', null) }),
  fc.record({ op: fc.constant('policy' as const), phaseCompleted: fc.boolean(), gateScore: fc.nat(3) }),
  fc.record({ op: fc.constant('price' as const), inputPerMillion: fc.nat(9) }),
  fc.record({
    op: fc.constant('breaker' as const),
    action: fc.constantFrom('recordFailure', 'recordSuccess', 'reset'),
  }),
  fc.record({ op: fc.constant('wait' as const), delayMs: fc.nat(200) }),
  fc.record({ op: fc.constant('parallel' as const), turns: fc.array(turn, { minLength: 1, maxLength: 3 }) }),
  fc.record({ op: fc.constant('handoff' as const), role: fc.constantFrom('editor', 'critic') }),
  fc.record({ op: fc.constantFrom('complete' as const, 'fail' as const, 'cancel' as const, 'throw' as const) }),
)

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

const program = fc.record({
  retainEndedSessions: fc.constantFrom(0, 1, 3, 1_000),
  budgetUsd: fc.constantFrom(null, 0.01, 0.2),
  enforceBudget: fc.boolean(),
  sessions: fc.array(
    fc.record({
      role: fc.constantFrom('writer', 'editor'),
      threadId: fc.constantFrom(undefined, 'thread-a', 'thread-b'),
      cancelAfterMs: fc.option(fc.nat(100), { nil: undefined, freq: 4 }),
      steps: fc.array(step, { maxLength: 8 }),
    }),
    { minLength: 1, maxLength: 4 },
  ),
})

type Program = typeof program extends fc.Arbitrary<infer T> ? T : never

const poison: Guardrail = {
  name: 'poison',
  stages: ['pre', 'post'],
  check: ({ stage, name }) => (stage === 'post' && name === 'poison' ? { allowed: false } : { allowed: true }),
}

interface World {
  readonly runtime: AgentRuntime<MemoryLog>
  readonly clock: ManualClock
  readonly orchestrators: Readonly<Record<string, Orchestrator>>
  readonly handoffs: Handoff[]
}

function build(
  { retainEndedSessions, budgetUsd, enforceBudget }: Program,
  clock: ManualClock,
  runtimeClock: Clock,
): World {
  const runtime = createAgentRuntime({ clock: runtimeClock, retainEndedSessions, onWarning: () => undefined })
  runtime.registerPricing('your-model', { inputPerMillion: 3, outputPerMillion: 15, cacheWrite1hPerMillion: 2 })
  const options = {
    phase: 'draft',
    budgetUsd,
    enforceBudget,
    maxIterations: 6,
    circuitBreaker: { name: 'api', failureThreshold: 2, recoveryTimeoutMs: 50, probeTimeoutMs: 40 },
    permissions: {
      roles: { writer: { mode: 'read_only', deniedTools: ['shell'] }, editor: { mode: 'full_access' } },
      tools: { write_db: 'full_access' },
    },
    guardrails: [poison],
    qualityGate: 'standard',
    policy: [
      {
        name: 'go',
        condition: { type: 'and', conditions: [{ type: 'phaseCompleted' }, { type: 'gatePassed' }] },
        actions: [{ action: 'advance_phase' }],
      },
      { name: 'stuck', condition: { type: 'retryExhausted' }, actions: [{ action: 'escalate' }], priority: 1 },
    ],
  } as const
  const orchestrators = {
    writer: runtime.orchestrator({ ...options, role: 'writer', projectId: 7 }),
    editor: runtime.orchestrator({ ...options, role: 'editor' }),
  }
  return { runtime, clock, orchestrators, handoffs: [] }
}

function delay(clock: ManualClock, ms: number): Promise<void> {
  return new Promise((resolve) => clock.setTimeout(resolve, ms))
}

async function runTurn({ clock }: World, session: AgentSession, given: Extract<Step, { op: 'turn' }>): Promise<void> {
  const controller = new AbortController()
  if (given.outcome === 'abort') clock.setTimeout(() => controller.abort(), given.delayMs)
  const never = given.outcome === 'timeout' || given.outcome === 'abort' || given.outcome === 'hang'
  await session.runTurn(
    async (call) => {
      if (given.reports) call.reportUsage(given.usage)
      if (never) return new Promise(() => undefined)
      await delay(clock, given.delayMs)
      if (given.outcome === 'fail') throw new Error('HTTP 503')
      return { big: 'answer' }
    },
    {
      model: given.model,
      usage: given.reports ? undefined : given.usage,
      timeoutMs: given.outcome === 'timeout' || given.outcome === 'hang' ? given.delayMs + 1 : undefined,
      signal: controller.signal,
    },
  )
}

async function runTool({ clock }: World, session: AgentSession, given: Extract<Step, { op: 'tool' }>): Promise<void> {
  const run = async () => {
    if (given.outcome === 'timeout') return new Promise(() => undefined)
    await delay(clock, given.delayMs)
    if (given.outcome === 'throw') throw new Error('tool failed')
    return { any: 'thing' }
  }
  await session.runTool(given.name, run, { timeoutMs: given.delayMs + 5 })
}

async function perform(world: World, session: AgentSession, given: Step): Promise<void> {
  const { runtime, clock } = world
  switch (given.op) {
    case 'turn':
      return runTurn(world, session, given)
    case 'tool':
      return runTool(world, session, given)
    case 'parallel':
      await Promise.allSettled(given.turns.map((one) => runTurn(world, session, one)))
      return
    case 'gate':
      return void session.evaluateGate(given.level)
    case 'policy':
      return void session.evaluatePolicy({ phaseCompleted: given.phaseCompleted, gateScore: given.gateScore })
    case 'price':
      return runtime.registerPricing('your-model', { inputPerMillion: given.inputPerMillion, outputPerMillion: 15 })
    case 'breaker':
      return runtime.breaker('api')[given.action]()
    case 'wait':
      return delay(clock, given.delayMs)
    case 'handoff':
      return void world.handoffs.push(
        await session.handoffTo(given.role, { reason: 'next', context: { from: session.id } }),
      )
    case 'complete':
      return session.complete()
    case 'fail':
      return session.fail('gave up', 'unknown')
    case 'cancel':
      return session.cancel('enough')
    case 'throw':
      throw new Error('the function failed')
  }
}

async function runSession(world: World, given: Program['sessions'][number]): Promise<void> {
  const { clock, orchestrators, handoffs } = world
  const controller = new AbortController()
  if (given.cancelAfterMs !== undefined) clock.setTimeout(() => controller.abort(), given.cancelAfterMs)
  const handoff = handoffs[0]?.targetRole === given.role ? handoffs.shift() : undefined
  const body = async (session: AgentSession): Promise<void> => {
    for (const one of given.steps) {
      // Refusals and failures are part of the program; a function that throws ends it.
      await perform(world, session, one).catch((error: unknown) => {
        if (one.op === 'throw') throw error
      })
    }
  }
  const options = { threadId: given.threadId, signal: controller.signal, handoff }
  await orchestrators[given.role]!.session(body, options).catch(() => undefined)
}

/** Every state that the runtime was in, one per fact. */
function watch(runtime: AgentRuntime): RuntimeState[] {
  const states: RuntimeState[] = []
  runtime.subscribe(() => states.push(deepFreeze(runtime.getState())))
  return states
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    Object.values(value).forEach(deepFreeze)
  }
  return value
}

/** The clock as the runtimes get it, which counts the timers that they leave behind. */
function counted(clock: ManualClock) {
  const timers = new Set<unknown>()
  return {
    timers,
    now: clock.now,
    setTimeout(callback: () => void, ms: number) {
      const timer = clock.setTimeout(() => {
        timers.delete(timer)
        callback()
      }, ms)
      timers.add(timer)
      return timer
    },
    clearTimeout(timer: unknown) {
      timers.delete(timer)
      clock.clearTimeout(timer)
    },
  }
}

async function runAll(programs: readonly Program[], clock: ManualClock, runtimeClock: Clock) {
  const worlds = programs.map((one) => {
    const world = build(one, clock, runtimeClock)
    return { world, before: world.runtime.log.facts().length, states: watch(world.runtime), program: one }
  })
  let running = 0
  for (const { world, program: one } of worlds) {
    for (const session of one.sessions) {
      running += 1
      void runSession(world, session).finally(() => (running -= 1))
      await settle()
    }
  }
  while (running > 0) await clock.advance(17)
  return worlds
}

describe('random programs', () => {
  it('leave a state that their facts alone give again, after every fact', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(program, { minLength: 1, maxLength: 2 }), async (programs) => {
        const clock = createManualClock(5)
        const runtimeClock = counted(clock)
        for (const { world, before, states } of await runAll(programs, clock, runtimeClock)) {
          const log = world.runtime.log.facts()
          expect(JSON.parse(JSON.stringify(log))).toStrictEqual(log)
          expect(states).toHaveLength(log.length - before)
          let replayed = replay(log.slice(0, before), initialState)
          for (const [index, state] of states.entries()) {
            replayed = replay([log[before + index]!], replayed)
            expect(replayed).toStrictEqual(state)
          }
          const last = world.runtime.getState()
          expect(JSON.parse(JSON.stringify(last))).toStrictEqual(last)
          expect(replay(JSON.parse(JSON.stringify(log)) as typeof log)).toStrictEqual(last)
          expectSettled(world.runtime)
        }
        expect(runtimeClock.timers.size).toBe(0)
      }),
      { numRuns: 150 },
    )
  }, 60_000)
})

/** What must hold when nothing runs any more. */
function expectSettled(runtime: AgentRuntime<MemoryLog>): void {
  expect(runtime.listActive().every(({ lifecycle }) => lifecycle.status === 'initializing')).toBe(true)
  expect(runtime.getState().breakers['api']?.probes ?? []).toEqual([])
  const open = new Map<string, number>()
  for (const { type, payload } of runtime.log.facts()) {
    const { sessionId, turnId, toolCallId } = payload as { sessionId?: string; turnId?: string; toolCallId?: string }
    const id = `${sessionId ?? ''}/${turnId ?? toolCallId ?? ''}`
    if (type.endsWith('/started')) open.set(id, (open.get(id) ?? 0) + 1)
    else if (
      /^(turns\/(completed|failed|cancelled)|tools\/(completed|failed|cancelled|blocked))$/.test(type) &&
      (turnId ?? toolCallId)
    ) {
      open.set(id, (open.get(id) ?? 0) - 1)
    }
  }
  expect([...open.values()].every((count) => count === 0)).toBe(true)
}
