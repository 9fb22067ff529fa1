import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  createMemoryLog,
  fork,
  initialState,
  replay,
  runtimeReducer,
  type AgentSession,
  type Fact,
  type MemoryLog,
  type RuntimeState,
} from '../../src/index.js'
import { selectThread } from '../../slices/scopes.js'
import { selectSession } from '../../slices/sessions.js'
import { settle } from '../../src/testing/index.js'
import { createTestRuntime, DRAFT } from '../support/runtime.js'

const THREAD = 'a'

/** Two threads at once: parallel turns, failures, questions, approvals, keys, handoffs, and sessions that are forgotten. */
async function recordRun(): Promise<MemoryLog> {
  const { orchestrator, runtime, clock } = createTestRuntime(
    {
      projectId: 7,
      budgetUsd: 0.1,
      qualityGate: 'standard',
      maxIterations: 'unlimited',
      recovery: { mode: 'execute', backoff: { baseMs: 5, capMs: 30 } },
      circuitBreaker: { name: 'api', failureThreshold: 9 },
      rateLimit: { name: 'provider', requests: { capacity: 50, refillPerSecond: 50 } },
      governance: [{ limit: 'max_tool_calls', value: 1, onBreach: 'alert' }],
    },
    { retainEndedSessions: 2 },
  )
  const editor = runtime.orchestrator({ role: 'editor', phase: 'review', recovery: { mode: 'execute' } })
  const wait = (ms: number) => new Promise<void>((resolve) => clock.setTimeout(resolve, ms))
  const after = (ms: number) => () => wait(ms).then(() => 'done')
  const talk = async (session: AgentSession) => {
    let calls = 0
    const flaky = async () => {
      await wait(10)
      calls += 1
      if (calls === 1) throw new Error('HTTP 503')
    }
    await Promise.all([
      session.runTurn(after(90), DRAFT),
      session.runTurn(flaky, DRAFT),
      session.runTool('a', after(40)),
    ])
    await session.runTurn(after(5), { ...DRAFT, idempotencyKey: 'draft' })
    session.evaluateGate('strict')
    session.evaluatePolicy()
    const publish = session.runTool('publish', after(10), { requireApproval: true, args: { to: 'all' } })
    const question = session.pauseForInput('shorter?')
    await settle()
    await wait(20)
    runtime.provideInput(session.id, 'yes')
    for (const request of session.pendingRequests) {
      if (request.kind !== 'approval') continue
      const { requestId, fingerprint } = request
      runtime.resolveApproval(session.id, { requestId, fingerprint, decision: 'approved' })
    }
    await Promise.all([publish, question])
  }
  const work = async (threadId: string) => {
    await orchestrator.session(talk, { threadId })
    const second = await orchestrator.open({ threadId })
    await talk(second)
    const handoff = await second.handoffTo('editor', { reason: 'done', context: {} })
    await editor.session(talk, { threadId, handoff })
    await orchestrator.session((session) => session.runTurn(after(3), DRAFT), { threadId: 'other' })
    await orchestrator.session(talk, { threadId })
  }
  const ended = { yes: false }
  const all = Promise.all([work(THREAD), work('b')]).finally(() => (ended.yes = true))
  while (!ended.yes) await clock.advance(7)
  await all
  return runtime.log
}

function logOf(facts: readonly Fact[]): MemoryLog {
  const log = createMemoryLog()
  for (const fact of facts) log.append(fact.meta.stream, [fact])
  return log
}

const BEGINS = ['turns/started', 'tools/started', 'inputs/requested', 'approvals/requested']
const ENDS =
  /^(turns\/(completed|failed|cancelled)|tools\/(completed|failed|cancelled)|inputs\/(provided|expired|cancelled)|approvals\/resolved)$/

interface Ids {
  readonly sessionId: string
  readonly turnId?: string
  readonly toolCallId?: string
  readonly requestId?: string
  /** Of what a recovery was for. */
  readonly callId?: string
}

function callOf(fact: Fact): string | undefined {
  const { sessionId, turnId, toolCallId, requestId, callId } = fact.payload as Ids
  const id = turnId ?? toolCallId ?? requestId ?? callId
  return id === undefined ? undefined : `${sessionId}/${id}`
}

/** The facts of the thread, without those of calls that have no end among them. */
function endedFacts(facts: readonly Fact[], at: number): readonly Fact[] {
  const ours = facts.filter(({ meta }) => meta.stream === THREAD && meta.seq <= at)
  const open = new Set(ours.filter(({ type }) => BEGINS.includes(type)).map(callOf))
  for (const fact of ours) if (ENDS.test(fact.type)) open.delete(callOf(fact))
  return ours.filter((fact) => !open.has(callOf(fact)))
}

/** A part of a state under the names that the copies have; where an answer is in the log, or a name in a hash table, is no matter. */
function renamed(part: unknown, names: ReadonlyMap<string, string>): unknown {
  return JSON.parse(
    JSON.stringify(part, (key, value: unknown) => {
      if (key === 'seq' || key === 'position') return null
      if (key === 'buckets') return null
      return typeof value === 'string' ? value.replace(/session-\d+/, (id) => names.get(id) ?? id) : value
    })
      .replaceAll(`"threadId":"${THREAD}"`, '"threadId":"copy"')
      .replaceAll(`"stream":"${THREAD}"`, '"stream":"copy"'),
  )
}

function shared({ breakers, rateLimits, providers, pricing, orchestrators, sessions }: RuntimeState) {
  const { runtime, projects } = sessions.scopes
  return { breakers, rateLimits, providers, pricing, orchestrators, runtime, projects }
}

it('stands where its original stood, wherever it is cut [FORK-2, FORK-3, FORK-4]', { timeout: 60_000 }, async () => {
  const facts = (await recordRun()).facts()
  const first = facts.find(({ meta }) => meta.stream === THREAD)!.meta.seq
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: first, max: facts.length }), async (at) => {
      const log = logOf(facts)
      const copied = endedFacts(facts, at)
      const clock = { now: () => copied.at(-1)!.meta.at }
      const { sessions } = await fork(log, { threadId: THREAD, at, as: 'copy', clock })
      const forked = replay(log.facts())
      const alone = copied.reduce<RuntimeState>(runtimeReducer, initialState)
      const names = new Map(sessions.map(({ from, to }) => [from, to]))
      expect(sessions.length).toBeGreaterThan(0)
      for (const { from, to } of sessions) {
        expect(renamed(selectSession(forked, to), new Map())).toEqual(renamed(selectSession(alone, from), names))
      }
      const { usage, turns, tools, running } = selectThread(forked, 'copy')!
      expect(selectThread(alone, THREAD)).toMatchObject({ usage, turns, tools, running })
      expect(shared(forked)).toEqual(shared(replay(facts)))
    }),
    { numRuns: 60 },
  )
})
