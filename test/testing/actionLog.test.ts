import { describe, expect, it } from 'vitest'
import {
  createAgentRuntime,
  facts,
  fork,
  InvalidArgumentError,
  type AgentRuntime,
  type MemoryLog,
} from '../../src/index.js'
import { actionLog, createTestRuntime, scriptedModel, transcript } from '../../src/testing/index.js'

const names = (runtime: AgentRuntime<MemoryLog>) => actionLog(runtime).sessions.map(({ name }) => name)

describe('an action log', () => {
  it('has the facts of each session, in their order [KIT-12]', async () => {
    const { runtime, orchestrator } = createTestRuntime()
    await orchestrator.session(async (session) => {
      await session.runTool('search', () => 'found')
      await session.runTurn(() => 'text')
    })
    const [session, ...others] = actionLog(runtime).sessions
    expect(others).toEqual([])
    expect(session).toMatchObject({ name: 'agent', role: 'agent', phase: 'test', threadId: null, status: 'completed' })
    expect(session?.actions.map(({ type }) => type)).toEqual(runtime.log.facts('@session-1').map(({ type }) => type))
  })

  it('is made of facts from anywhere [KIT-12]', async () => {
    const { runtime, orchestrator } = createTestRuntime()
    await orchestrator.session((session) => session.runTurn(() => 'text'))
    expect(actionLog(runtime.log.facts())).toEqual(actionLog(runtime))
    expect(actionLog(new Set(runtime.log.facts()))).toEqual(actionLog(runtime))
  })

  it('says neither when something was recorded nor in which runtime [KIT-13]', async () => {
    const recovery = { mode: 'execute', backoff: { jitter: 'full' } } as const
    const run = async (others: number) => {
      const { runtime, orchestrator: other, clock } = createTestRuntime({ role: 'other' })
      for (let index = 0; index < others; index += 1) {
        await clock.advance(1_000)
        runtime.registerPricing(`model-${index}`, { inputPerMillion: 1, outputPerMillion: 1 })
        await other.session((session) => session.random())
      }
      runtime.registerPricing('large', { inputPerMillion: 5, outputPerMillion: 5 })
      const writer = runtime.orchestrator({ role: 'writer', phase: 'draft', model: 'large', recovery })
      const model = scriptedModel([{ fail: 'rate_limit' }, { answer: 'text', usage: { inputTokens: 5_000 } }])
      const session = writer.session((session) => session.runTurn(model.turn()))
      await clock.advance(100_000)
      await session
      const { waitedMs } = runtime.log.facts().find(facts.turnRetried.match)?.payload ?? {}
      return { waitedMs, log: actionLog(runtime).sessions.filter(({ role }) => role === 'writer') }
    }
    const [alone, later] = [await run(0), await run(3)]
    expect(alone.waitedMs).not.toBe(later.waitedMs)
    expect(alone.log[0]?.actions.map(({ type }) => type)).toContain('turns/retried')
    expect(alone.log).toEqual(later.log)
  })

  it('tells nothing that was said, unless it is asked to [KIT-13]', async () => {
    const { runtime, orchestrator } = createTestRuntime()
    const session = await orchestrator.open()
    const asked = session.pauseForInput('a secret question')
    session.provideInput('a secret answer')
    await asked
    await session.complete('a secret')
    expect(JSON.stringify(actionLog(runtime))).not.toContain('secret')
    expect(actionLog(runtime, { content: true }).sessions[0]?.actions.flatMap(({ said = [] }) => said)).toEqual([
      'prompt: "a secret question"',
      'value: "a secret answer"',
      'detail: "a secret"',
    ])
  })

  it('tells times when it is asked to, from the beginning of the session [KIT-13]', async () => {
    const { runtime, orchestrator, clock } = createTestRuntime()
    await clock.advance(5_000)
    const session = await orchestrator.open()
    await clock.advance(1_500)
    await session.complete()
    expect(actionLog(runtime, { times: true }).sessions[0]?.actions.map(({ atMs }) => atMs)).toEqual([0, 1_500])
    expect(actionLog(runtime).sessions[0]?.actions.some((action) => 'atMs' in action)).toBe(false)
  })

  it('tells what belongs to no session when it is asked to [KIT-13]', () => {
    const { runtime } = createTestRuntime({ role: 'writer', phase: 'draft' })
    expect(actionLog(runtime).runtime).toEqual([])
    expect(actionLog(runtime, { runtime: true }).runtime.map(({ text }) => text)).toEqual([
      'prices registered for test-model',
      'registered writer/draft: writer/draft',
    ])
  })

  it('calls sessions by role and thread, and numbers those that share both [KIT-14]', async () => {
    const { runtime, orchestrator } = createTestRuntime({ role: 'writer' })
    const used = (outputTokens: number) => ({ usage: { outputTokens } })
    await orchestrator.session((session) => session.runTurn(() => 'text', used(2)))
    await orchestrator.session(() => 'nothing', { threadId: 'essay' })
    await orchestrator.session((session) => session.runTurn(() => 'text', used(1)))
    expect(names(runtime)).toEqual(['writer #1', 'writer #2', 'writer in essay'])
    const [first] = actionLog(runtime).sessions
    expect(first?.actions).toContainEqual(
      expect.objectContaining({
        payload: expect.objectContaining({ usage: expect.objectContaining({ outputTokens: 1 }) as object }) as object,
      }),
    )
  })

  it('has a session that was handed off to after the one that did it, and calls it by its name [KIT-14]', async () => {
    const { runtime, orchestrator } = createTestRuntime({ role: 'writer' })
    const editor = runtime.orchestrator({ role: 'editor', phase: 'review' })
    await editor.session(() => 'an earlier one')
    const handoff = await orchestrator.session((session) => session.handoffTo(editor, { reason: 'ready' }))
    await editor.session(() => 'edited', { handoff })
    expect(names(runtime)).toEqual(['editor #1', 'writer', 'editor #2'])
    const [, writer] = actionLog(runtime).sessions
    expect(writer?.actions.at(-1)).toMatchObject({
      payload: { targetSessionId: 'editor #2', targetRole: 'editor' },
      text: 'handed off to editor as editor #2',
    })
  })

  it('calls the session of an earlier turn by its name [KIT-14]', async () => {
    const { runtime, orchestrator } = createTestRuntime({ role: 'writer' })
    const keyed = () =>
      orchestrator.session((session) => session.runTurn(() => 'text', { idempotencyKey: 'draft' }), {
        threadId: 'essay',
      })
    await keyed()
    await keyed()
    const replayed = actionLog(runtime).sessions.flatMap(({ actions }) =>
      actions.filter(({ type }) => type === 'turns/replayed'),
    )
    expect(replayed).toMatchObject([{ payload: { original: { sessionId: 'writer in essay #2', turnId: 'turn-1' } } }])
  })

  it('is made of nothing but facts and runtimes with a log in memory [KIT-12]', () => {
    const { log } = createTestRuntime()
    const elsewhere = { log: { read: log.read, head: log.head } }
    for (const source of [undefined, null, 5, {}, elsewhere]) {
      expect(() => actionLog(source as never)).toThrow(InvalidArgumentError)
    }
    expect(actionLog(createAgentRuntime())).toEqual({ kind: 'action_log', sessions: [], runtime: [] })
  })
})

describe('a transcript', () => {
  it('reads as what happened [KIT-15]', async () => {
    const { runtime, orchestrator, clock } = createTestRuntime({
      role: 'writer',
      phase: 'draft',
      qualityGate: 'strict',
      permissions: { roles: { writer: { mode: 'read_only', deniedTools: ['shell'] } } },
      recovery: { mode: 'execute' },
    })
    const editor = runtime.orchestrator({ role: 'editor', phase: 'review' })
    const model = scriptedModel([
      { fail: 'rate_limit', retryAfterMs: 2_000 },
      { answer: 'a draft', usage: { inputTokens: 420, outputTokens: 64_000 } },
    ])
    const written = orchestrator.session(
      async (session) => {
        await session.runTurn(model.turn())
        await session.runTool('shell', () => 'done').catch(() => undefined)
        await session.runTool('search', () => 'found')
        session.evaluateGate('strict')
        return session.handoffTo(editor, { reason: 'ready' })
      },
      { threadId: 'essay' },
    )
    await clock.advance(2_000)
    const reviewing = await editor.open({ handoff: await written })
    expect(`\n${transcript(runtime)}\n`).toBe(`
writer in essay
  opened: writer/draft, thread essay
  turn-1 started on test-model
  turn-1 call 1 failed, llm_error (RateLimitError rate_limit_exceeded), usage unknown
  turn-1 recovery from llm_error: recovered, did: retry_with_backoff
  turn-1 call 2 on test-model after retry_with_backoff
  turn-1 completed, 420 in, 64000 out, $0.64
  shell blocked by permission: tool 'shell' is explicitly denied for role 'writer'
  tool-1 search started
  tool-1 search completed
  gate passed: strict observed, strict required
  handed off to editor as editor

editor
  opened: editor/review
  ... goes on
`)
    const asked = reviewing.pauseForInput('Publish?')
    expect(transcript(runtime).split('\n').slice(-2)).toEqual([
      '  request-1 asks a person, human_input',
      '  ... waits for a person',
    ])
    reviewing.provideInput('yes')
    await asked
    await reviewing.complete()
    expect(transcript(runtime).split('\n').at(-1)).toBe('  completed')
  })

  it('has times and what was said where the action log has [KIT-15]', async () => {
    const { runtime, orchestrator, clock } = createTestRuntime({ role: 'writer', phase: 'draft' })
    const session = await orchestrator.open()
    await clock.advance(1_500)
    await session.complete('well done')
    expect(`\n${transcript(actionLog(runtime, { times: true, content: true, runtime: true }))}\n`).toBe(`
runtime
      +0ms  prices registered for test-model
      +0ms  registered writer/draft: writer/draft

writer
      +0ms  opened: writer/draft
     +1.5s  completed: [content]
              detail: "well done"
`)
  })
})

it('has the copies of a fork without the numbers of what they were copied from [KIT-12]', async () => {
  const forked = async (threads: readonly string[]) => {
    const { runtime, orchestrator, clock } = createTestRuntime({ record: { results: 'json' } })
    for (const threadId of threads)
      await orchestrator.session((session) => session.step(threadId, () => 1), { threadId })
    await fork(runtime.log, { threadId: 'essay', as: 'essay/again', clock })
    return transcript(runtime)
  }
  const log = await forked(['essay', 'other'])
  expect(log).toContain('step essay returned (copy)')
  expect(await forked(['other', 'essay'])).toBe(log)
})
