import { describe, expect, it } from 'vitest'
import {
  createMemoryLog,
  replay,
  selectorsOf,
  type EventLog,
  type Fact,
  type MemoryLog,
  type OrchestratorOptions,
  type PendingApproval,
} from '../../src/index.js'
import { fork, type ForkOptions } from '../../src/history/fork.js'
import { settle } from '../../src/testing/index.js'
import { selectPendingHandoffs, selectSession } from '../../slices/sessions.js'
import { selectProject, selectThread } from '../../slices/scopes.js'
import { getEntry } from '../../slices/rules/hashTable.js'
import { createTestRuntime, deferred, DRAFT, rejection } from '../support/runtime.js'

const THREAD = 'user-42:essay'
const COPY = 'user-42:essay/other'
const LATER = { now: () => 50_000 }

/** Forks a log that nobody writes to: the runtime of a test may go on with its own. */
async function copyOf(recorded: MemoryLog, options: Partial<ForkOptions> = {}) {
  const log = logOf(recorded.facts())
  const before = replay(log.facts())
  const made = await fork(log, { threadId: THREAD, as: COPY, clock: LATER, ...options })
  return { log, before, made, after: replay(log.facts()), copies: log.facts(made.threadId) }
}

function logOf(facts: readonly Fact[]): MemoryLog {
  const log = createMemoryLog()
  for (const fact of facts) log.append(fact.meta.stream, [fact])
  return log
}

async function openThread(options: Partial<OrchestratorOptions> = {}) {
  const test = createTestRuntime({ projectId: 7, ...options })
  const session = await test.orchestrator.open({ threadId: THREAD })
  return { ...test, session, log: test.runtime.log }
}

/** What a row says, whoever it belongs to. */
function contents(row: object | undefined, from: string, to: string): unknown {
  const text = JSON.stringify(row, (key, value: unknown) => (key === 'stream' || key === 'threadId' ? null : value))
  return JSON.parse(text.replaceAll(`"${from}"`, `"${to}"`))
}

describe('a fork', () => {
  it('copies the facts of a thread to the end of the log [FORK-1]', async () => {
    const { session, log } = await openThread()
    await session.runTurn(() => 'a', DRAFT)
    const originals = log.facts(THREAD)
    const head = log.head()
    const { made, copies } = await copyOf(log)
    expect(made).toEqual({ threadId: COPY, sessions: [{ from: 'session-1', to: 'session-2' }], facts: 3 })
    expect(copies.map(({ type }) => type)).toEqual(originals.map(({ type }) => type))
    expect(copies.map(({ meta }) => meta.seq)).toEqual([head + 1, head + 2, head + 3])
    expect(copies.map(({ meta }) => meta.origin)).toEqual(originals.map(({ meta }) => meta.seq))
    expect(copies.map(({ payload }) => payload)).toEqual(
      originals.map(({ payload }) => ({
        ...payload,
        sessionId: 'session-2',
        ...('threadId' in payload && { threadId: COPY }),
      })),
    )
  })

  it('makes a session that stands where the original stood at that fact [FORK-2]', async () => {
    const { session, log, clock } = await openThread({ budgetUsd: 1, enforceBudget: true, qualityGate: 'standard' })
    await session.runTurn(() => 'a', DRAFT)
    await session.runTool('lookup', () => 1, { args: { q: 1 } })
    session.evaluateGate('minimal')
    session.raiseLimits({ maxIterations: 30 })
    const at = log.head()
    await session.runTurn(() => 'b', DRAFT)
    const { made, after } = await copyOf(log, { at, clock })
    const [{ from, to }] = made.sessions as [{ from: string; to: string }]
    const then = selectSession(replay(log.facts(), { until: at }), from)
    expect(contents(selectSession(after, to), to, from)).toEqual(contents(then, from, from))
    expect(selectSession(after, from)?.turns.completed).toBe(2)
  })

  it('leaves projects, the totals, breakers, rate limits and providers as they were [FORK-3]', async () => {
    const { session, log } = await openThread({
      circuitBreaker: { name: 'api', failureThreshold: 2 },
      rateLimit: { name: 'provider', requests: { capacity: 9, refillPerSecond: 1 } },
      providers: { name: 'models', kind: 'round_robin', providers: ['north', 'south'] },
    })
    await session.runTurn(() => 'a', DRAFT)
    await rejection(session.runTurn(() => Promise.reject(new Error('HTTP 503'))))
    const { before, after } = await copyOf(log)
    expect(after.breakers).toEqual(before.breakers)
    expect(after.breakers['api']?.failures).toBe(1)
    expect(after.rateLimits).toEqual(before.rateLimits)
    expect(after.providers).toEqual(before.providers)
    expect(selectProject(after, 7)).toEqual(selectProject(before, 7))
    expect(after.sessions.scopes.runtime).toEqual(before.sessions.scopes.runtime)
  })

  it('counts what was copied for its own thread [FORK-3]', async () => {
    const { session, log } = await openThread()
    await session.runTurn(() => 'a', DRAFT)
    const { before, after } = await copyOf(log)
    const { usage, turns } = selectThread(after, COPY)!
    expect({ usage, turns }).toEqual({
      usage: selectThread(before, THREAD)?.usage,
      turns: selectThread(before, THREAD)?.turns,
    })
    expect(selectThread(after, THREAD)).toEqual(selectThread(before, THREAD))
  })

  it('leaves out calls in flight, and numbers the others without gaps [FORK-4]', async () => {
    const { session, log } = await openThread()
    const slow = deferred<string>()
    const waiting = session.runTurn(() => slow.promise, DRAFT)
    await session.runTurn(() => 'b', { usage: { inputTokens: 7 } })
    const tool = session.runTool('lookup', () => slow.promise)
    await settle()
    const at = log.head()
    slow.resolve('a')
    await Promise.all([waiting, tool])
    const { after, made, copies } = await copyOf(log, { at })
    expect(copies.map(({ type }) => type)).toEqual(['sessions/opened', 'turns/started', 'turns/completed'])
    expect(copies.map(({ payload }) => (payload as { turnId?: string }).turnId)).toEqual([
      undefined,
      'turn-1',
      'turn-1',
    ])
    const row = selectSession(after, made.sessions[0]!.to)
    expect(row).toMatchObject({
      turns: { started: 1, completed: 1 },
      tools: { started: 0 },
      inFlight: { turns: [], tools: [] },
    })
    expect(row?.usage).toMatchObject([{ inputTokens: 7 }])
  })

  it('leaves out every attempt of a turn in flight [FORK-4]', async () => {
    const { session, log, clock } = await openThread({ recovery: { mode: 'execute' } })
    const slow = deferred<string>()
    let calls = 0
    const turn = session.runTurn(
      () => {
        calls += 1
        return calls === 1 ? Promise.reject(new Error('HTTP 503')) : slow.promise
      },
      { model: 'your-model' },
    )
    await clock.advance(60_000)
    expect(log.facts().map(({ type }) => type)).toContain('turns/retried')
    const { copies } = await copyOf(log)
    expect(copies.map(({ type }) => type)).toEqual(['sessions/opened'])
    slow.resolve('a')
    await turn
  })

  it('leaves out questions that nobody has answered, and numbers those that were [FORK-4]', async () => {
    const { session, log, runtime } = await openThread()
    const tool = session.runTool('publish', () => 1, { requireApproval: true })
    const question = session.pauseForInput('shorter?')
    await settle()
    runtime.provideInput('session-1', 'yes', 'request-2')
    await question
    const { after, copies } = await copyOf(log)
    expect(copies.map(({ type, payload }) => [type, (payload as { requestId?: string }).requestId])).toEqual([
      ['sessions/opened', undefined],
      ['inputs/requested', 'request-1'],
      ['inputs/provided', 'request-1'],
    ])
    expect(selectSession(after, 'session-2')).toMatchObject({
      requests: { count: 1, pending: [] },
      lifecycle: { status: 'running', questions: 0 },
    })
    const [{ requestId, fingerprint }] = session.pendingRequests as [PendingApproval]
    runtime.resolveApproval('session-1', { requestId, fingerprint, decision: 'approved' })
    await tool
  })

  it('happened as long ago as it took, up to now [FORK-5]', async () => {
    const { session, log, clock } = await openThread()
    await session.runTurn(() => clock.advance(0), DRAFT)
    await clock.advance(2_500)
    await session.runTurn(() => 'b', DRAFT)
    const { after, copies } = await copyOf(log)
    expect(copies.map(({ meta }) => meta.at)).toEqual([47_500, 47_500, 47_500, 50_000, 50_000])
    expect(selectSession(after, 'session-2')?.openedAt).toBe(47_500)
  })

  it('stays ended where the original had ended, and can go on where it had not [FORK-6]', async () => {
    const { session, log, orchestrator } = await openThread()
    await session.runTurn(() => 'a', DRAFT)
    const at = log.head()
    await session.complete('done')
    const other = await orchestrator.open({ threadId: THREAD })
    const ended = await copyOf(log)
    const unended = await copyOf(log, { at })
    expect(selectSession(ended.after, 'session-3')?.lifecycle).toMatchObject({ status: 'completed', detail: 'done' })
    expect(selectSession(ended.after, 'session-4')?.lifecycle.status).toBe('running')
    expect(selectThread(ended.after, COPY)?.running).toBe(1)
    expect(selectSession(unended.after, 'session-3')?.lifecycle.status).toBe('running')
    expect(unended.made.sessions).toEqual([{ from: 'session-1', to: 'session-3' }])
    await other.complete()
  })

  it('keeps what idempotency keys answer [FORK-7]', async () => {
    const { session, log, orchestrator } = await openThread()
    await session.runTurn(() => 'a', { ...DRAFT, idempotencyKey: 'draft' })
    const second = await orchestrator.open({ threadId: THREAD })
    await second.runTurn(() => 'never', { ...DRAFT, idempotencyKey: 'draft' })
    const { after, copies } = await copyOf(log)
    expect(getEntry(selectThread(after, COPY)!.kept, 'draft')).toMatchObject({ sessionId: 'session-3', result: 'a' })
    const replayed = copies.find(({ type }) => type === 'turns/replayed')
    expect(replayed?.payload).toMatchObject({ original: { sessionId: 'session-3', turnId: 'turn-1' } })
    const paid = (id: string) => selectorsOf(after, 0).summary(id).usage.costUsd
    expect(paid('session-4')).toBe(paid('session-2'))
  })

  it('registers workers of its own for the handoffs of the thread [FORK-8]', async () => {
    const { session, log, runtime } = await openThread()
    const editor = runtime.orchestrator({ role: 'editor', phase: 'review' })
    const handoff = await session.handoffTo('editor', { reason: 'draft is done', context: { words: 900 } })
    const picked = await editor.open({ threadId: THREAD, handoff })
    await picked.runTurn(() => 'b', DRAFT)
    const { made, after } = await copyOf(log)
    expect(made.sessions).toEqual([
      { from: 'session-1', to: 'session-3' },
      { from: 'session-2', to: 'session-4' },
    ])
    expect(selectSession(after, 'session-4')?.handoff).toMatchObject({
      sourceSessionId: 'session-3',
      targetSessionId: 'session-4',
      context: { words: 900 },
    })
    expect(selectPendingHandoffs(after)).toEqual([])
  })

  it('leaves the worker waiting that was picked up in another thread, or later [FORK-8]', async () => {
    const { session, log, runtime } = await openThread()
    const editor = runtime.orchestrator({ role: 'editor', phase: 'review' })
    const handoff = await session.handoffTo('editor', { reason: 'draft is done' })
    await editor.open({ threadId: 'elsewhere', handoff })
    const { after } = await copyOf(log)
    expect(selectPendingHandoffs(after)).toMatchObject([{ sourceSessionId: 'session-3', targetSessionId: 'session-4' }])
  })

  it('has the handoff that the thread was begun with, from a session of another thread [FORK-8]', async () => {
    const { runtime, orchestrator } = createTestRuntime({ projectId: 7 })
    const writer = await orchestrator.open()
    const handoff = await writer.handoffTo('editor', { reason: 'draft is done', context: { words: 900 } })
    const editor = runtime.orchestrator({ role: 'editor', phase: 'review' })
    await editor.open({ threadId: THREAD, handoff })
    const { after, before } = await copyOf(runtime.log)
    expect(selectSession(after, 'session-3')?.handoff).toMatchObject({
      sourceSessionId: 'session-1',
      targetSessionId: 'session-3',
      context: { words: 900 },
    })
    expect(selectSession(after, 'session-1')).toEqual(selectSession(before, 'session-1'))
  })

  it('of a thread that was forgotten and begun anew has what came since [FORK-9]', async () => {
    const { runtime, orchestrator } = createTestRuntime({}, { retainThreads: 0, retainEndedSessions: 0 })
    const talk = (key: string) =>
      orchestrator.session((session) => session.runTurn(() => key, { ...DRAFT, idempotencyKey: key }), {
        threadId: THREAD,
      })
    await talk('first')
    await settle()
    const forgotten = await copyOf(runtime.log)
    expect(getEntry(selectThread(forgotten.after, COPY)!.kept, 'first')).toMatchObject({ result: 'first' })
    await talk('second')
    const anew = await copyOf(runtime.log)
    expect(anew.made.sessions.map(({ from }) => from)).toEqual(['session-2'])
    expect(getEntry(selectThread(anew.after, COPY)!.kept, 'first')).toBeUndefined()
  })

  it('of a fork is a fork [FORK-1]', async () => {
    const { session, log } = await openThread()
    await session.runTurn(() => 'a', DRAFT)
    const first = await copyOf(log)
    const second = await copyOf(first.log, { threadId: COPY, as: 'third' })
    expect(selectorsOf(second.after, 0).summary('session-3').usage.costUsd).toBe(0.033)
    expect(second.copies.map(({ meta }) => meta.origin)).toEqual(first.copies.map(({ meta }) => meta.seq))
  })

  it('is durable when it is there [FORK-10]', async () => {
    const { session, log } = await openThread()
    await session.runTurn(() => 'a', DRAFT)
    const order: string[] = []
    const slowly: EventLog = {
      ...log,
      append: (stream, facts, version) => {
        order.push(`append ${facts.length} to ${stream} at ${String(version)}`)
        log.append(stream, facts, version)
      },
      flush: async () => {
        await settle()
        order.push('flushed')
      },
    }
    await fork(slowly, { threadId: THREAD, as: COPY, clock: LATER })
    order.push('forked')
    expect(order).toEqual([`append 3 to ${COPY} at 0`, 'flushed', 'forked'])
  })

  it('leaves out what belongs to the runtime, and other threads [FORK-1]', async () => {
    const { session, log, runtime, orchestrator } = await openThread()
    const other = await orchestrator.open({ threadId: 'other' })
    await other.runTurn(() => 'x', DRAFT)
    runtime.registerPricing('another-model', { inputPerMillion: 1, outputPerMillion: 1 })
    await session.runTurn(() => 'a', DRAFT)
    const { copies } = await copyOf(log)
    expect(copies.map(({ type }) => type)).toEqual(['sessions/opened', 'turns/started', 'turns/completed'])
  })
})

describe('what cannot be forked', () => {
  it.each([
    ['threadId', { threadId: 'nobody' }],
    ['threadId', { threadId: ' ' }],
    ['threadId', { threadId: '@session-1' }],
    ['as', { as: '' }],
    ['as', { as: '@mine' }],
    ['as', { as: THREAD }],
    ['at', { at: 0 }],
    ['at', { at: 1.5 }],
    ['at', { at: 1 }],
    ['at', { at: 99 }],
    ['clock', { clock: {} }],
    ['until', { until: 3 }],
  ])('is told by its field: %s %j [FORK-11]', async (field, options) => {
    const { log } = await openThread()
    const head = log.head()
    const error = await rejection(fork(log, { threadId: THREAD, as: COPY, ...options } as ForkOptions))
    expect(error).toMatchObject({ code: 'invalid_argument', field })
    expect(log.head()).toBe(head)
  })

  it('is a log that has lost facts [FORK-11]', async () => {
    const log = createMemoryLog()
    const { log: whole } = await openThread()
    const facts: readonly Fact[] = whole.facts()
    const lossy: EventLog = { ...log, head: (stream) => (stream === COPY ? 0 : facts.length), read: () => tail(facts) }
    expect(await rejection(fork(lossy, { threadId: THREAD, as: COPY }))).toMatchObject({ code: 'log_corrupt' })
  })
})

async function* tail(facts: readonly Fact[]) {
  yield* facts.slice(1)
}
