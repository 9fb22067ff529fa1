import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createAgentRuntime, facts, type Fact, type OrchestratorOptions } from '../../src/index.js'
import { createManualClock, settle } from '../../src/testing/index.js'
import { startProcess, type TestProcess } from '../resume/processes.js'
import { createTestRuntime, DRAFT } from '../support/runtime.js'

interface Fields {
  readonly required: ReadonlySet<string>
  readonly optional: ReadonlySet<string>
}

/** The fields of each type of fact, as the tables of the specification name them. */
const told = new Map<string, Fields>()

for (const [, type = '', cell = ''] of readFileSync('SPEC.md', 'utf8').matchAll(
  /^\| `([a-zA-Z]+\/[a-zA-Z]+)` *\| (.*?) *\| [A-Z]{2,}-\d/gm,
)) {
  const base = /^as (\w+), and /.exec(cell)?.[1]
  const inherited = base === undefined ? undefined : told.get(`turns/${base}`)
  const names = [...cell.replace(/\([^)]*\)/g, '').matchAll(/`([a-zA-Z]+)(\??)`/g)]
  const own = (mark: string) => names.filter(([, , found]) => found === mark).map(([, name = '']) => name)
  const isOfSession =
    facts.sessionOpened.type === type || !/^(orchestrators|pricing|breakers|providers|sinks)/.test(type)
  const ofSession = isOfSession && !/^(rateLimits\/configured|(sessions|threads)\/evicted)$/.test(type)
  told.set(type, {
    required: new Set([...(ofSession ? ['sessionId'] : []), ...(inherited?.required ?? []), ...own('')]),
    optional: new Set([...(inherited?.optional ?? []), ...own('?')]),
  })
}

const down = Object.assign(new Error('down'), { status: 503, headers: { 'retry-after-ms': '0' } })
const never = () => new Promise<never>(() => undefined)
const quietly = (promise: Promise<unknown>) => promise.catch(() => undefined)

async function recordAll(): Promise<readonly Fact[]> {
  const clock = createManualClock()
  const broken = {
    name: 'broken',
    event: ({ event }: { readonly event: string }) => {
      if (event === 'agent.ready') throw new Error('down')
    },
  }
  const runtime = createAgentRuntime({
    ...{ clock, retainEndedSessions: 0, retainThreads: 0, sinks: [broken], onWarning: () => undefined },
  })
  runtime.registerPricing('your-model', { inputPerMillion: 3, outputPerMillion: 15 })
  const orchestrator = (options: Partial<OrchestratorOptions>) =>
    runtime.orchestrator({ role: 'writer', phase: 'draft', model: 'your-model', ...options })
  const shared = {
    circuitBreaker: { name: 'api' },
    rateLimit: { name: 'api', requests: { capacity: 100, refillPerSecond: 1 } },
    providers: { name: 'api', kind: 'static', providers: ['a', 'b'] },
  } as const
  const writer = orchestrator({
    ...shared,
    ...{ budgetUsd: 0.01, qualityGate: 'standard', maxIterations: 20 },
    policy: [{ name: 'p', condition: { type: 'gatePassed' }, actions: [{ action: 'notify' }] }],
    governance: [{ limit: 'max_budget_usd', value: 0, onBreach: 'alert' }],
    guardrails: [{ name: 'g', stages: ['pre'], check: ({ name }) => ({ allowed: name !== 'shell' }) }],
  })
  runtime.breaker('api').recordFailure()
  runtime.breaker('api').reset()

  const session = await writer.open({ threadId: 'essay' })
  for (let run = 0; run < 2; run += 1) await session.runTurn(() => 1, { ...DRAFT, idempotencyKey: 'k' })
  session.raiseLimits({ maxIterations: 30 })
  session.clearFailures()
  session.evaluateGate('strict')
  session.evaluatePolicy()
  await session.runTool('search', () => 1, { args: {} })
  await quietly(session.runTool('search', () => Promise.reject(down)))
  await quietly(session.runTool('shell', () => 1))
  const controller = new AbortController()
  const hanging = [
    session.runTool('search', never, { signal: controller.signal }),
    session.runTurn(never, { signal: controller.signal }),
    session.pauseForInput('withdrawn?', { signal: controller.signal }),
  ].map(quietly)
  controller.abort(new Error('enough'))
  await Promise.all(hanging)
  await quietly(session.runTurn(() => Promise.reject(down)))
  const stream = session.runTurnStream(
    async function* () {
      await settle()
      yield 'text'
    },
    { keepChunks: true },
  )
  for await (const _ of stream);
  const answered = session.pauseForInput('sure?')
  session.provideInput(true)
  await answered
  const expired = quietly(session.pauseForInput('sure?', { timeoutMs: 1 }))
  await clock.advance(1)
  await expired
  const approved = session.runTool('publish', () => 1, { requireApproval: true })
  await settle()
  const [request] = session.pendingRequests
  const print = request?.kind === 'approval' ? request.fingerprint : null
  runtime.resolveApproval(session.id, { requestId: request!.requestId, fingerprint: print, decision: 'approved' })
  await approved
  session.raiseLimits({ maxIterations: 0 })
  await quietly(session.runTurn(() => 1))
  await session.handoffTo('editor', { reason: 'review' })

  const stubborn = await orchestrator({ recovery: { mode: 'execute' }, providers: 'api' }).open()
  await stubborn.runTurn(({ attempt }) => (attempt === 1 ? Promise.reject(down) : 1))
  await stubborn.runTool('search', ({ attempt }) => (attempt === 1 ? Promise.reject(down) : 1), {
    idempotent: true,
  })
  await stubborn.fail('enough')

  const check = () => ({ allowed: false })
  const strict = await orchestrator({
    guardrails: [{ name: 'g', stages: ['post'], appliesTo: ['turn'], check }],
  }).open()
  await quietly(strict.runTurn(() => 1, DRAFT))
  await strict.cancel()

  const poor = await orchestrator({ usageLimits: { maxTotalTokens: 1 } }).open()
  await quietly(poor.runTurn(() => 1, DRAFT))
  await poor.complete()

  const governed = await orchestrator({ governance: [{ limit: 'max_budget_usd', value: 0 }] }).open()
  await quietly(governed.runTurn(() => 1, DRAFT))
  await runtime.drain({ timeoutMs: 0 })
  return runtime.log.facts()
}

/** A thread that one process left in the middle of a tool call, and that the next one finishes. */
async function recordTakenUp(): Promise<readonly Fact[]> {
  const first = await startProcess()
  const run = ({ orchestrator }: TestProcess, tool: () => unknown) =>
    orchestrator.session((session) => session.runTool('search', tool, { idempotent: true }), { threadId: 'essay' })
  void run(first, never)
  await first.clock.advance(1)
  const second = await first.crash()
  await run(second, () => 'found')
  return second.runtime.log.facts()
}

describe('the payload of a fact', () => {
  it('has the fields that the specification names, and no others [FACT-8, FACT-9]', async () => {
    const recorded = [...(await recordAll()), ...(await recordTakenUp())]
    for (const { type, payload } of recorded) {
      const { required, optional } = told.get(type)!
      const keys = Object.keys(payload as object)
      expect(
        keys.filter((key) => !required.has(key) && !optional.has(key)),
        type,
      ).toEqual([])
      expect(
        [...required].filter((key) => !keys.includes(key)),
        type,
      ).toEqual([])
    }
    const seen = new Set(recorded.map(({ type }) => type))
    expect(Object.values(facts).filter(({ type }) => !seen.has(type))).toEqual([])
  })

  it('survives JSON [FACT-1]', async () => {
    const recorded = await recordAll()
    expect(JSON.parse(JSON.stringify(recorded))).toStrictEqual(recorded)
    expect(recorded.map(({ meta }) => meta.seq)).toEqual(recorded.map((_, index) => index + 1))
    expect(createTestRuntime().runtime.log.facts()[0]?.meta).toEqual({ seq: 1, at: 1_000, stream: '@runtime', v: 1 })
  })
})
