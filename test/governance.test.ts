import { describe, expect, it, vi } from 'vitest'
import {
  agentEvents,
  facts,
  GovernanceBreachError,
  replay,
  type AgentSession,
  type GovernanceLimitInput,
  type GovernanceLimitName,
  type OrchestratorOptions,
  type TurnCall,
} from '../src/index.js'
import { createTestRuntime, deferred, DRAFT, rejection, type TestRuntime } from './support/runtime.js'

const boom = () => Promise.reject(new Error('boom'))

const steps = {
  turn: (session: AgentSession) => session.runTurn(() => 'answer', DRAFT),
  failure: (session: AgentSession) => session.runTurn(boom, DRAFT),
  tool: (session: AgentSession) => session.runTool('lookup', () => 1),
  search: (session: AgentSession) => session.runTool('search', () => 1, { args: { q: 'RAG' } }),
}

type StepName = keyof typeof steps

/** What passes each limit at its last step. */
const PASSED: readonly [GovernanceLimitName, number, readonly StepName[], number][] = [
  ['max_iterations', 1, ['turn', 'turn'], 2],
  ['max_budget_usd', 0.05, ['turn', 'turn'], 0.066],
  ['max_consecutive_failures', 1, ['failure', 'failure'], 2],
  ['max_tool_calls', 1, ['tool', 'search'], 2],
  ['max_repeated_calls', 1, ['search', 'tool', 'search'], 2],
]

function governed(...governance: readonly GovernanceLimitInput[]): TestRuntime {
  return createTestRuntime({ governance })
}

function alertsOf({ runtime }: TestRuntime): readonly string[] {
  const alerted = runtime.log.facts().filter(facts.governanceAlerted.match)
  return alerted.map(({ payload }) => `${payload.sessionId} ${payload.limitName} ${payload.observed}`)
}

async function perform(session: AgentSession, names: readonly StepName[]): Promise<unknown> {
  let outcome: unknown
  for (const name of names) outcome = await steps[name](session).catch((error: unknown) => error)
  return outcome
}

describe('a limit that terminates', () => {
  it.each(PASSED)(
    '%s above %d throws what was passed, and by how much [GOV-2, GOV-4]',
    async (limit, value, names, observed) => {
      const { orchestrator, runtime } = governed({ limit, value })
      const session = await orchestrator.open()
      expect(await perform(session, names.slice(0, -1))).not.toBeInstanceOf(GovernanceBreachError)
      const error = await perform(session, names.slice(-1))
      const breach = { limitName: limit, observed, ceiling: value, scope: 'session' }
      expect(error).toBeInstanceOf(GovernanceBreachError)
      expect(error).toMatchObject({ code: 'governance_breach', ...breach })
      const recorded = runtime.log.facts().filter(facts.governanceBreached.match)
      expect(recorded.map(({ payload }) => payload)).toEqual([{ sessionId: session.id, ...breach }])
    },
  )

  it.each([
    ['turn', 'max_iterations', 'turns/refused'],
    ['tool', 'max_tool_calls', 'tools/blocked'],
  ] as const)('refuses a %s before it is called [GOV-8]', async (kind, limit, refusal) => {
    const { orchestrator, sessionFacts } = governed({ limit, value: 0 })
    const session = await orchestrator.open()
    const call = vi.fn()
    await rejection(kind === 'turn' ? session.runTurn(call) : session.runTool('lookup', call))
    expect(call).not.toHaveBeenCalled()
    expect(sessionFacts().slice(1)).toEqual([refusal, 'governance/breached'])
  })

  it('hands over the answer of the turn that passed it [GOV-8]', async () => {
    const { orchestrator } = governed({ limit: 'max_budget_usd', value: 0.01 })
    const session = await orchestrator.open()
    const error = await rejection(session.runTurn(() => 'paid for', DRAFT))
    expect((error as GovernanceBreachError).result).toMatchObject({ value: 'paid for', turnId: 'turn-1' })
    expect(JSON.stringify(error)).not.toContain('paid for')
  })

  it('takes the place of the error of its turn, which is its cause [GOV-9]', async () => {
    const { orchestrator } = governed({ limit: 'max_consecutive_failures', value: 0 })
    const session = await orchestrator.open()
    const own = new Error('connection reset')
    const error = await rejection(session.runTurn(() => Promise.reject(own)))
    expect(error).toMatchObject({ code: 'governance_breach', cause: own })
  })

  it('takes the place of the refusal by an open circuit breaker [TURN-8, GOV-9]', async () => {
    const { orchestrator, runtime, sessionFacts } = createTestRuntime({
      governance: [{ limit: 'max_consecutive_failures', value: 0 }],
      circuitBreaker: { name: 'api', failureThreshold: 1 },
    })
    const session = await orchestrator.open()
    runtime.breaker('api').recordFailure()
    const error = await rejection(steps.turn(session))
    expect(error).toMatchObject({ limitName: 'max_consecutive_failures', cause: { code: 'circuit_open' } })
    expect(sessionFacts().slice(1)).toEqual(['turns/refused', 'governance/breached'])
  })

  it('is the first that was passed, and then nothing alerts [GOV-6]', async () => {
    const test = governed(
      { limit: 'max_iterations', value: 0, onBreach: 'alert' },
      { limit: 'max_tool_calls', value: 0 },
      { limit: 'max_budget_usd', value: 0.01 },
      { limit: 'max_iterations', value: 0, scope: 'session' },
    )
    const session = await test.orchestrator.open()
    expect(await perform(session, ['turn'])).toMatchObject({ limitName: 'max_iterations', observed: 1 })
    expect(alertsOf(test)).toEqual([])
    expect(await perform(session, ['tool'])).toMatchObject({ limitName: 'max_tool_calls', observed: 1 })
  })

  it('ends the session whose function lets it out [GOV-10]', async () => {
    const { orchestrator, runtime } = governed({ limit: 'max_iterations', value: 1 })
    const error = await rejection(
      orchestrator.session((session) => Promise.all([steps.turn(session), steps.turn(session)])),
    )
    expect(error).toBeInstanceOf(GovernanceBreachError)
    expect(runtime.select.summary('session-1')).toMatchObject({ status: 'failed', detail: 'governance breach' })
    expect(agentEvents(runtime.log.facts()).slice(-2)).toMatchObject([
      {
        event: 'governance.breach',
        failureClass: 'governance_breach',
        detail: 'max_iterations: 2 > 1',
        data: { limitName: 'max_iterations', observed: 2, ceiling: 1, scope: 'session' },
      },
      { event: 'agent.failed', failureClass: 'governance_breach', detail: 'governance breach' },
    ])
  })

  it('leaves a session that catches it running, and goes on refusing [GOV-10]', async () => {
    const { orchestrator } = governed({ limit: 'max_tool_calls', value: 1 })
    const session = await orchestrator.open()
    expect(await perform(session, ['tool', 'tool'])).toMatchObject({ observed: 2 })
    expect(session.status).toBe('running')
    expect(await perform(session, ['turn'])).toMatchObject({ limitName: 'max_tool_calls', observed: 2 })
    expect(await perform(session, ['tool'])).toMatchObject({ limitName: 'max_tool_calls', observed: 3 })
  })

  it('on tool calls counts those that failed or were blocked, and none that the role may not make [TOOL-5]', async () => {
    const { orchestrator } = createTestRuntime({
      governance: [{ limit: 'max_tool_calls', value: 2 }],
      permissions: { roles: { writer: { mode: 'read_only' } }, tools: { write_db: 'full_access' } },
      guardrails: [{ name: 'no secrets', stages: ['pre'], check: ({ input }) => ({ allowed: input !== 'secret' }) }],
    })
    const session = await orchestrator.open()
    for (let run = 0; run < 3; run += 1) {
      expect(await rejection(session.runTool('write_db', () => 1))).toMatchObject({ code: 'permission_denied' })
    }
    expect(await rejection(session.runTool('lookup', boom))).toMatchObject({ message: 'boom' })
    const blocked = session.runTool('lookup', () => 1, { args: 'secret' })
    expect(await rejection(blocked)).toMatchObject({ code: 'guardrail_violated' })
    expect(await rejection(steps.tool(session))).toMatchObject({ limitName: 'max_tool_calls', observed: 3 })
  })

  it('is not passed by turns that begin together [TURN-7]', async () => {
    const { orchestrator } = governed({ limit: 'max_iterations', value: 3 })
    const session = await orchestrator.open()
    const model = vi.fn(() => Promise.resolve(1))
    await Promise.allSettled(Array.from({ length: 10 }, () => session.runTurn(model)))
    expect(model).toHaveBeenCalledTimes(3)
  })
})

describe('a limit that alerts', () => {
  it.each(PASSED)('%s above %d is told, and stops nothing', async (limit, value, names, observed) => {
    const test = governed({ limit, value, onBreach: 'alert' })
    const session = await test.orchestrator.open()
    expect(await perform(session, names)).not.toBeInstanceOf(GovernanceBreachError)
    expect(alertsOf(test)).toContain(`session-1 ${limit} ${observed}`)
    expect(test.factTypes()).not.toContain('governance/breached')
    expect(agentEvents(test.runtime.log.facts())).toContainEqual(
      expect.objectContaining({ event: 'governance.alert', status: 'running', role: 'writer' }),
    )
  })

  it('is told at every check: before a turn and after it [GOV-5, GOV-7]', async () => {
    const test = governed({ limit: 'max_iterations', value: 1, onBreach: 'alert' })
    await perform(await test.orchestrator.open(), ['turn', 'turn', 'turn'])
    expect(alertsOf(test)).toEqual([2, 2, 3, 3].map((turns) => `session-1 max_iterations ${turns}`))
  })

  it('is told to each session once, if that is asked for [GOV-7]', async () => {
    const test = governed({ limit: 'max_iterations', value: 1, onBreach: 'alert', alerts: 'once' })
    for (let run = 0; run < 2; run += 1) await perform(await test.orchestrator.open(), ['turn', 'turn', 'turn'])
    expect(alertsOf(test)).toEqual(['session-1 max_iterations 2', 'session-2 max_iterations 2'])
  })

  it('that is told once is told again when its value was raised and passed [GOV-7]', async () => {
    const test = governed({ limit: 'max_tool_calls', value: 0, onBreach: 'alert', alerts: 'once' })
    const session = await test.orchestrator.open()
    await perform(session, ['tool', 'tool'])
    session.raiseLimits({ governance: { max_tool_calls: 2 } })
    await perform(session, ['tool', 'tool'])
    expect(alertsOf(test)).toEqual(['session-1 max_tool_calls 1', 'session-1 max_tool_calls 3'])
  })

  it('is told with all others that were passed, in the order of their declaration', async () => {
    const alert = { value: 0, onBreach: 'alert', alerts: 'once' } as const
    const test = governed({ ...alert, limit: 'max_budget_usd' }, { ...alert, limit: 'max_iterations' })
    await perform(await test.orchestrator.open(), ['turn'])
    expect(alertsOf(test)).toEqual(['session-1 max_iterations 1', 'session-1 max_budget_usd 0.033'])
  })
})

describe('failures in a row', () => {
  const limit = { limit: 'max_consecutive_failures', value: 0 } as const

  it.each<[string, (session: AgentSession, test: TestRuntime) => Promise<unknown>]>([
    ['a failed turn', (session) => session.runTurn(boom)],
    [
      'a turn that took too long',
      async (session, { clock }) => {
        const late = rejection(session.runTurn(() => new Promise(() => undefined), { timeoutMs: 50 }))
        await clock.advance(50)
        throw await late
      },
    ],
    [
      'a turn that the circuit breaker refused',
      async (session, { runtime }) => {
        runtime.breaker('api').recordFailure()
        return session.runTurn(() => 1)
      },
    ],
  ])('count %s [GOV-2]', async (_what, run) => {
    const test = createTestRuntime({ governance: [limit], circuitBreaker: { name: 'api', failureThreshold: 1 } })
    const session = await test.orchestrator.open()
    expect(await rejection(run(session, test))).toMatchObject({ limitName: 'max_consecutive_failures', observed: 1 })
  })

  it('count a stream that its reader left [GOV-2, GOV-5]', async () => {
    const { orchestrator, sessionFacts } = governed(limit)
    const session = await orchestrator.open()
    async function* words() {
      yield* ['one', 'two']
    }
    for await (const _event of session.runTurnStream(words)) break
    expect(sessionFacts().slice(-2)).toEqual(['turns/cancelled', 'governance/breached'])
    expect(await perform(session, ['turn'])).toMatchObject({ limitName: 'max_consecutive_failures', observed: 1 })
  })

  it('do not count what was cancelled, nor tools that failed [GOV-2, GOV-5]', async () => {
    const { orchestrator } = governed(limit)
    const session = await orchestrator.open()
    const stop = new AbortController()
    const stopped = session.runTurn(() => new Promise(() => undefined), { signal: stop.signal })
    stop.abort(new Error('enough'))
    await rejection(stopped)
    await rejection(session.runTurn(() => Promise.reject(new DOMException('closed', 'AbortError'))))
    await rejection(session.runTool('lookup', boom))
    await expect(steps.turn(session)).resolves.toBeDefined()
  })

  it('end with a turn that is answered', async () => {
    const { orchestrator } = governed({ ...limit, value: 1 })
    const session = await orchestrator.open()
    const outcome = await perform(session, ['failure', 'turn', 'failure', 'turn', 'failure'])
    expect(outcome).toMatchObject({ message: 'boom' })
  })

  it('can be cleared, so that a healthy turn runs again [GOV-12]', async () => {
    const { orchestrator, runtime } = governed({ ...limit, value: 1, scope: 'thread' })
    const session = await orchestrator.open({ threadId: 'essay' })
    await perform(session, ['failure', 'failure'])
    expect(await perform(session, ['turn'])).toMatchObject({ observed: 2 })
    session.clearFailures()
    expect(await perform(session, ['turn'])).toMatchObject({ value: 'answer' })
    expect(await perform(session, ['failure'])).toMatchObject({ message: 'boom' })
    expect(replay(runtime.log.facts())).toEqual(runtime.getState())
  })
})

describe('calls that repeat', () => {
  const limit = { limit: 'max_repeated_calls', value: 2 } as const
  const call = (session: AgentSession, tool: string, args?: unknown) => session.runTool(tool, () => 1, { args })

  it('are the same call, whatever the order of its keys [GOV-2]', async () => {
    const session = await governed(limit).orchestrator.open()
    await call(session, 'search', { q: 'RAG', page: { size: 10, from: 0 } })
    await call(session, 'search', { page: { from: 0, size: 10 }, q: 'RAG' })
    const error = await rejection(call(session, 'search', { q: 'RAG', page: { size: 10, from: 0 } }))
    expect(error).toMatchObject({ limitName: 'max_repeated_calls', observed: 3, ceiling: 2 })
  })

  it('are known by a fingerprint, and the log has no arguments [TOOL-6]', async () => {
    const { orchestrator, runtime } = governed(limit)
    const session = await orchestrator.open()
    for (const args of [{ q: 'secret' }, { q: 'secret' }, undefined]) await call(session, 'search', args)
    const [first, second, bare] = runtime.log.facts().filter(facts.toolStarted.match)
    expect(first?.payload.fingerprint).toMatch(/^[0-9a-f]{16}$/)
    expect(second?.payload.fingerprint).toBe(first?.payload.fingerprint)
    expect(bare?.payload).toMatchObject({ tool: 'search', fingerprint: null, timeoutMs: null, idempotent: false })
    expect(JSON.stringify(runtime.log.facts())).not.toContain('secret')
  })

  it('are found in a loop of several [GOV-2]', async () => {
    const session = await governed(limit).orchestrator.open()
    for (let round = 0; round < 2; round += 1) for (const q of ['A', 'B']) await call(session, 'search', q)
    expect(await rejection(call(session, 'search', 'A'))).toMatchObject({ observed: 3 })
    expect(await rejection(call(session, 'search', 'B'))).toMatchObject({ observed: 3 })
  })

  it.each<[string, number, (turn: number) => unknown]>([
    ['no arguments', 0, () => undefined],
    ['arguments that are not JSON', 0, () => ({ at: new Date(0) })],
    ['other arguments', 1, (turn) => ({ page: turn })],
  ])('do not count with %s [GOV-2]', async (_what, value, argsOf) => {
    const session = await governed({ ...limit, value }).orchestrator.open()
    for (let turn = 0; turn < 10; turn += 1) await expect(call(session, 'search', argsOf(turn))).resolves.toBe(1)
  })

  it('are not the calls of another tool with the same arguments', async () => {
    const session = await governed(limit).orchestrator.open()
    for (const tool of ['a', 'b', 'c', 'd']) await expect(call(session, tool, { q: 'RAG' })).resolves.toBe(1)
  })

  it('count among the latest 32 only [GOV-2]', async () => {
    const session = await governed({ ...limit, value: 1 }).orchestrator.open()
    await call(session, 'search', 'once')
    for (let page = 0; page < 31; page += 1) await call(session, 'search', { page })
    expect(await rejection(call(session, 'search', 'once'))).toMatchObject({ observed: 2 })
    await call(session, 'search', { page: 31 })
    await expect(call(session, 'search', 'once')).resolves.toBe(1)
  })

  it('are found in a batch of parallel calls', async () => {
    const session = await governed(limit).orchestrator.open()
    const run = vi.fn(() => 1)
    const specs = Array.from({ length: 5 }, () => ({ name: 'search', run, args: { q: 'RAG' } }))
    const outcomes = await session.runTools(specs, { settle: 'all' })
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(2)
    expect(run).toHaveBeenCalledTimes(2)
  })
})

describe('what a turn cost counts for governance, however the turn ended', () => {
  const limit = { limit: 'max_budget_usd', value: 0.01 } as const
  const never = () => new Promise(() => undefined)
  const failing = { name: 'failing', afterModel: () => Promise.reject(new Error('hook')) }
  const blocking = {
    name: 'blocking',
    stages: ['post'],
    appliesTo: ['turn'],
    check: () => ({ allowed: false }),
  } as const

  it.each<[string, Partial<OrchestratorOptions>, (session: AgentSession, test: TestRuntime) => Promise<unknown>]>([
    ['failed', {}, (session) => session.runTurn(paid(boom))],
    [
      'took too long',
      {},
      (session, { clock }) => {
        const late = session.runTurn(paid(never), { timeoutMs: 10 })
        void clock.advance(10)
        return late
      },
    ],
    [
      'was aborted',
      {},
      (session) => {
        const stop = new AbortController()
        const stopped = session.runTurn(paid(never), { signal: stop.signal })
        stop.abort()
        return stopped
      },
    ],
    ['went over the budget', { budgetUsd: 0.02, enforceBudget: true }, (session) => steps.turn(session)],
    ['went over a usage limit', { usageLimits: { maxOutputTokens: 1 } }, (session) => steps.turn(session)],
    ['had a hook that threw', { hooks: [failing] }, (session) => steps.turn(session)],
    ['was blocked by a guardrail', { guardrails: [blocking] }, (session) => steps.turn(session)],
  ])('when it %s [GOV-11]', async (_how, options, run) => {
    const test = createTestRuntime({ ...options, model: 'your-model', governance: [limit] })
    const session = await test.orchestrator.open()
    await rejection(run(session, test))
    expect(await rejection(session.runTool('lookup', () => 1))).toMatchObject({
      limitName: 'max_budget_usd',
      observed: 0.033,
    })
  })

  it('when it failed: the breach is thrown at once, in the place of its error [GOV-9, GOV-11]', async () => {
    const { orchestrator } = createTestRuntime({ model: 'your-model', governance: [limit] })
    const session = await orchestrator.open()
    expect(await rejection(session.runTurn(paid(boom)))).toMatchObject({
      limitName: 'max_budget_usd',
      observed: 0.033,
      cause: { message: 'boom' },
    })
  })

  it('once, with others that ran at the same time [GOV-11]', async () => {
    const { orchestrator, runtime } = governed({ limit: 'max_budget_usd', value: 12, onBreach: 'alert' })
    const session = await orchestrator.open()
    const answers = Array.from({ length: 5 }, () => deferred<string>())
    const dear = { model: 'your-model', usage: { inputTokens: 1_000_000 } }
    const turns = answers.map(({ promise }) => session.runTurn(() => promise, dear))
    for (const { resolve } of answers.slice(0, 4)) resolve('answer')
    await Promise.all(turns.slice(0, 4))
    expect(runtime.log.facts().filter(facts.governanceAlerted.match)).toEqual([])
    answers[4]!.resolve('answer')
    await turns[4]
    expect(runtime.log.facts().filter(facts.governanceAlerted.match)).toMatchObject([{ payload: { observed: 15 } }])
    expect(runtime.select.sessionCostUsd(session.id)).toBe(15)
  })
})

/** A function that reports $0.033 of `your-model` before it goes on. */
function paid(run: () => Promise<unknown>) {
  return (call: TurnCall) => {
    call.reportUsage(DRAFT.usage)
    return run()
  }
}
