import { describe, expect, it } from 'vitest'
import { createMemoryLog, openAgentRuntime, type Fact } from '../../src/index.js'
import { createRun, waterfallOf, type Span } from '../../src/inspector/model/index.js'
import { createManualClock, settle } from '../../src/testing/index.js'
import { tellStory } from '../cli/story.js'
import { approvalsOf, decide } from '../support/people.js'
import { createTestRuntime, DRAFT } from '../support/runtime.js'
import { execute, httpError, scripted } from '../support/scripted.js'

function spansOf(facts: readonly Fact[], sessionId = 'session-1'): readonly Span[] {
  return waterfallOf(createRun(facts), sessionId)?.spans ?? []
}

/** `turn-1 · small 0-200 completed` */
function linesOf(spans: readonly Span[]): readonly string[] {
  return spans.map(({ kind, depth, label, startMs, endMs, status }) => {
    return `${'  '.repeat(depth)}${kind} ${label} ${startMs}-${endMs} ${status}`
  })
}

describe('a session as a waterfall', () => {
  it('has a row for each turn, tool, question, gate, policy and handoff [INSP-12]', async () => {
    const facts = await tellStory()
    expect(linesOf(spansOf(facts))).toEqual([
      'session writer/draft 0-61240 completed',
      '  turn turn-1 · small-model 0-1200 completed',
      '  tool tool-1 · lookUpTerm 1200-1240 completed',
      '  tool publish 1240-1240 refused',
      '  input request-1 · a question 1240-61240 completed',
      '  gate standard 61240-61240 completed',
      '  policy to review 61240-61240 completed',
      '  handoff to editor 61240-61240 completed',
    ])
    expect(linesOf(spansOf(facts, 'session-2')).slice(0, 3)).toEqual([
      'session editor/review 0-1605 completed',
      '  handoff from writer 0-0 completed',
      '  turn turn-1 · large-model 0-1600 completed',
    ])
  })

  it('tells where each row begins and ends in the log, and what it cost [INSP-12]', async () => {
    const [session, turn] = spansOf(await tellStory())
    expect(session).toMatchObject({ startSeq: 5, endSeq: 16, costUsd: 0.01515, parentId: null })
    expect(turn).toMatchObject({ startSeq: 6, endSeq: 7, costUsd: 0.01515, parentId: 'session-1' })
  })

  it('leaves open what has not ended [INSP-12]', async () => {
    expect(spansOf(await tellStory(), 'session-4')).toMatchObject([
      { kind: 'session', status: 'running', endSeq: null },
      { kind: 'turn', status: 'running', endSeq: null, startMs: 0, endMs: 0 },
    ])
  })

  it('is nothing of a session that is not in the log [INSP-12]', async () => {
    expect(waterfallOf(createRun(await tellStory()), 'session-9')).toBeUndefined()
  })

  it('shows the attempts of a turn and the recovery between them inside of it [INSP-13]', async () => {
    const { orchestrator, runtime, clock } = createTestRuntime(execute())
    const session = await orchestrator.open()
    const turn = session.runTurn(scripted(httpError(504), 'done'), DRAFT)
    await clock.advance(2_000)
    await turn
    await session.complete()
    const spans = spansOf(runtime.log.facts())
    expect(linesOf(spans)).toEqual([
      'session writer/draft 0-2000 completed',
      '  turn turn-1 · your-model 0-2000 completed',
      '    attempt call 1 0-0 failed',
      '    recovery llm_timeout 0-2000 completed',
      '    attempt call 2 2000-2000 completed',
    ])
    expect(new Set(spans.map(({ id }) => id)).size).toBe(spans.length)
    expect(spans.slice(2).map(({ parentId }) => parentId)).toEqual(['turn-1', 'turn-1', 'turn-1'])
  })

  it('shows what ran beside other calls [INSP-13]', async () => {
    const { orchestrator, runtime, clock } = createTestRuntime()
    const session = await orchestrator.open()
    const wait = (ms: number) => async () => {
      const until = clock.now() + ms
      while (clock.now() < until) await settle()
    }
    const tools = session.runTools([
      { name: 'a', run: wait(30) },
      { name: 'b', run: wait(10) },
    ])
    await clock.advance(10)
    await settle()
    await clock.advance(20)
    await tools
    await session.runTool('c', () => 1)
    const called = spansOf(runtime.log.facts()).filter(({ kind }) => kind === 'tool')
    expect(called.map(({ label, startMs, endMs, beside }) => [label, startMs, endMs, beside])).toEqual([
      ['tool-1 · a', 0, 30, 0],
      ['tool-2 · b', 0, 10, 1],
      ['tool-3 · c', 30, 30, 0],
    ])
  })

  it('shows approvals as long as a person was asked [INSP-13]', async () => {
    const { orchestrator, runtime, clock } = createTestRuntime()
    const session = await orchestrator.open()
    const sent = session.runTool('mail', () => 1, { requireApproval: true })
    await settle()
    expect(approvalsOf(session)).toHaveLength(1)
    expect(spansOf(runtime.log.facts()).at(-1)).toMatchObject({ kind: 'approval', status: 'waiting', endSeq: null })
    await clock.advance(500)
    decide(runtime, session, { decision: 'approved' })
    await sent
    expect(linesOf(spansOf(runtime.log.facts())).slice(1)).toEqual([
      '  approval request-1 · mail 0-500 completed',
      '  tool tool-1 · mail 500-500 completed',
    ])
  })

  it('shows limits where they were exceeded, and what was refused [INSP-13]', async () => {
    const { orchestrator, runtime } = createTestRuntime({ budgetUsd: 0.01, enforceBudget: true })
    const session = await orchestrator.open()
    await session.runTurn(() => 1, DRAFT).catch(() => undefined)
    await session.runTurn(() => 2, DRAFT).catch(() => undefined)
    const spans = spansOf(runtime.log.facts())
    expect(spans.map(({ kind, status, detail }) => [kind, status, detail])).toEqual([
      ['session', 'running', null],
      ['turn', 'completed', null],
      ['limit', 'failed', '$0.03 of $0.01'],
      ['turn', 'refused', 'budget_exceeded'],
    ])
  })

  it('ends calls whose process ended where the session was last heard of, and shows how long nobody had it [INSP-13]', async () => {
    const clock = createManualClock(0)
    const lost = createMemoryLog()
    const first = await openAgentRuntime({ log: lost, clock, seed: 7 })
    const opened = await first.orchestrator({ role: 'writer', phase: 'draft' }).open({ threadId: 'essay' })
    await opened.runTurn(() => clock.advance(200))
    void opened.runTurn(() => new Promise(() => undefined)).catch(() => undefined)
    void opened.runTool('search', () => new Promise(() => undefined)).catch(() => undefined)
    await clock.advance(1)
    const log = createMemoryLog()
    for (const fact of lost.facts()) log.append(fact.meta.stream, [fact])
    await clock.advance(3_600_000)
    await openAgentRuntime({ log, clock, seed: 7 })
    const spans = spansOf(log.facts())
    expect(linesOf(spans).slice(1)).toEqual([
      '  turn turn-1 0-200 completed',
      '  turn turn-2 200-200 interrupted',
      '  tool tool-1 · search 200-200 interrupted',
      '  parked parked 200-3600201 parked',
    ])
    expect(spans[0]?.status).toBe('parked')
  })
})
