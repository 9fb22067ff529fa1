import { describe, expect, it } from 'vitest'
import { createAgentRuntime, initialState, LogCorruptError, replay, type Fact } from '../../src/index.js'
import {
  createRun,
  changesAt,
  listThreads,
  sessionAt,
  statisticsOf,
  type Run,
} from '../../src/inspector/model/index.js'
import { createManualClock } from '../../src/testing/index.js'
import { threadsOf, type ListedSession } from '../../src/cli/sessionList.js'
import { run as runCli, useFolder } from '../cli/run.js'
import { tellStory } from '../cli/story.js'

describe('a recorded run', () => {
  const files = useFolder()

  it('gives the state after each of its facts, in whatever order one asks [INSP-9]', async () => {
    const facts = await tellStory()
    const run = createRun(facts)
    const asked = [31, 0, 17, 16, 18, 1, 30, 5, 5, 31, 2]
    for (const seq of [...asked, ...run.facts.map(({ meta }) => meta.seq)]) {
      expect(run.stateAt(seq)).toEqual(replay(facts, { until: seq }))
    }
    expect(run.last).toEqual(replay(facts))
  })

  it('gives the state at its ends for what is beyond them [INSP-9]', async () => {
    const run = createRun(await tellStory())
    expect(run.stateAt(-1)).toBe(initialState)
    expect(run.stateAt(NaN)).toBe(initialState)
    expect(run.stateAt(1_000)).toEqual(run.last)
    expect([run.factAt(0), run.factAt(32)]).toEqual([undefined, undefined])
    expect([run.describe(0), run.describe(32)]).toEqual(['', ''])
  })

  it('is empty without facts [INSP-9]', () => {
    const run = createRun([])
    expect(run).toMatchObject({ head: 0, firstAt: 0, lastAt: 0, sessions: [], breakers: [] })
    expect(run.stateAt(1)).toBe(initialState)
    expect(run.cost.usd).toEqual([])
  })

  it('is refused where a fact is missing [INSP-9]', async () => {
    const facts = await tellStory()
    expect(() => createRun(facts.filter(({ meta }) => meta.seq !== 7))).toThrow(LogCorruptError)
  })

  it('says what happened in the words of the commands [INSP-9]', async () => {
    const facts = await tellStory()
    const run = createRun(facts)
    const { stdout } = await runCli(['show', await files.write(facts), '--json'])
    const shown = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { text: string; tookMs: number | null })
    // The command adds what a session cost in all to its end.
    expect(facts.map(({ meta }) => run.describe(meta.seq))).toEqual(
      shown.map(({ text }) => text.replace(/, \$[\d.]+( \+\?)? in all$/, '')),
    )
    expect(facts.map(({ meta }) => run.tookMs(meta.seq))).toEqual(shown.map(({ tookMs }) => tookMs))
  })

  it('lists sessions and threads as ls does, with tokens, durations and handoffs [INSP-10]', async () => {
    const facts = await tellStory()
    const run = createRun(facts)
    const { stdout } = await runCli(['ls', await files.write(facts), '--json'])
    const { sessions, threads } = JSON.parse(stdout) as { sessions: ListedSession[]; threads: object[] }
    expect(run.sessions).toMatchObject(sessions.map(({ detail: _, ...listed }) => listed))
    expect(listThreads(run.sessions)).toMatchObject(threadsOf(sessions).map(({ sessions: _, ...thread }) => thread))
    expect(threads).toHaveLength(2)
    expect(run.sessions[0]).toMatchObject({
      inputTokens: 1_850,
      outputTokens: 640,
      durationMs: 61_240,
      to: 'session-2',
    })
    expect(run.sessions[1]).toMatchObject({ inputTokens: 960, from: 'session-1', to: null })
  })

  it('says why sessions stand as they do [INSP-10]', async () => {
    const clock = createManualClock(0)
    const runtime = createAgentRuntime({ clock, seed: 1, onWarning: () => undefined })
    const writer = runtime.orchestrator({ role: 'writer', phase: 'draft' })
    await writer.session((session) => session.complete('all done'))
    await writer.session(() => Promise.reject(new TypeError('no'))).catch(() => undefined)
    await writer.session((session) => session.handoffTo('editor', { reason: 'ready' }))
    const asking = await writer.open()
    asking.pauseForInput('which one?').catch(() => undefined)
    const approving = await writer.open()
    approving.runTool('mail', () => 1, { requireApproval: true }).catch(() => undefined)
    await writer.open()
    await clock.advance(1)
    expect(whysOf(createRun(runtime.log.facts()))).toEqual([
      'completed: all done',
      'failed: validation_error: TypeError raised',
      'completed: handoff to editor',
      'initializing: nobody has picked it up',
      'waiting_for_input: waits for a person: an answer',
      'running: waits for a person: to approve mail',
      'running: null',
    ])
  })

  it('keeps what is known of sessions that the runtime forgot [INSP-10]', async () => {
    const runtime = createAgentRuntime({ clock: createManualClock(0), retainEndedSessions: 1 })
    const writer = runtime.orchestrator({ role: 'writer', phase: 'draft' })
    for (let count = 0; count < 4; count += 1) await writer.session((session) => session.runTurn(() => 1))
    const run = createRun(runtime.log.facts())
    expect(run.last.sessions.evicted.completed).toBeGreaterThan(0)
    expect(run.sessions.map(({ sessionId, status, turns }) => [sessionId, status, turns])).toEqual(
      [1, 2, 3, 4].map((number) => [`session-${number}`, 'completed', 1]),
    )
  })

  it('tells what a fact changed in the readable state, and only that [INSP-11]', async () => {
    const run = createRun(await tellStory())
    expect(changesAt(run, 7)).toContainEqual({ path: ['sessions', 'session-1', 'costUsd'], after: 0.01515 })
    for (const { meta } of run.facts) {
      const [before, after] = [run.readableAt(meta.seq - 1), run.readableAt(meta.seq)]
      const changes = changesAt(run, meta.seq)
      for (const change of changes) {
        expect([valueAt(before, change.path), valueAt(after, change.path)]).toEqual([change.before, change.after])
      }
      const changed = new Set(changes.map(({ path }) => path[0]))
      for (const key of Object.keys({ ...before, ...after })) {
        if (key !== 'seq' && !changed.has(key)) expect(after[key]).toEqual(before[key])
      }
    }
  })

  it('names threads with dots in their names as one step of the way [INSP-11]', async () => {
    const runtime = createAgentRuntime({ clock: createManualClock(0) })
    const writer = runtime.orchestrator({ role: 'writer', phase: 'draft' })
    await writer.session((session) => session.runTurn(() => 1), { threadId: 'user.42[0]' })
    const run = createRun(runtime.log.facts())
    const paths = run.facts.flatMap(({ meta }) => changesAt(run, meta.seq).map(({ path }) => path))
    expect(paths).toContainEqual(['threads', 'user.42[0]', 'turns', 'completed'])
  })

  it('gives one session of the readable state [INSP-11]', async () => {
    const run = createRun(await tellStory())
    for (const { meta } of run.facts) {
      const { sessions = {} } = run.readableAt(meta.seq) as { sessions?: Record<string, object> }
      for (const id of ['session-1', 'session-2', 'session-4', 'session-5', 'nonsense']) {
        expect(sessionAt(run, meta.seq, id)).toEqual(sessions[id] ?? null)
      }
    }
  })

  it('counts as stats does [INSP-10]', async () => {
    const facts = await tellStory()
    const { stdout } = await runCli(['stats', await files.write(facts), '--json'])
    expect(statisticsOf(createRun(facts))).toEqual(JSON.parse(stdout))
  })

  it('holds 100,000 facts [INSP-9]', async () => {
    const facts = await manyFacts(100_002)
    const run = createRun(facts)
    expect([run.head, run.sessions.length]).toEqual([100_002, 12_500])
    for (const seq of [1, 255, 256, 257, 50_000, 99_999, 100_002]) expect(run.stateAt(seq).seq).toBe(seq)
    for (const seq of [70_000, 3]) {
      expect(JSON.stringify(run.stateAt(seq)) === JSON.stringify(replay(facts, { until: seq }))).toBe(true)
    }
    expect(run.last.sessions.scopes.runtime.turns.completed).toBe(25_000)
    expect(run.cost.usd).toHaveLength(25_000)
    expect(run.cost.usd.at(-1)).toBe(150)
    expect(changesAt(run, 99_999).map(({ path }) => path.slice(0, 2).join('.'))).toContain('sessions.session-12500')
    expect(sessionAt(run, 99_999, 'session-12500')).toMatchObject({ status: 'running', turns: { started: 1 } })
  }, 120_000)
})

function whysOf({ sessions }: Run): readonly string[] {
  return sessions.map(({ status, why }) => `${status}: ${String(why)}`)
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((found, key) => (found as Record<string, unknown> | undefined)?.[key], value)
}

/** Sessions of two turns and a tool, one after the other: eight facts each, behind two that configure. */
async function manyFacts(count: number): Promise<readonly Fact[]> {
  const clock = createManualClock(0)
  const runtime = createAgentRuntime({ clock, retainEndedSessions: 20_000 })
  runtime.registerPricing('small', { inputPerMillion: 3, outputPerMillion: 15 })
  const writer = runtime.orchestrator({ role: 'writer', phase: 'draft', model: 'small' })
  while (runtime.log.head() < count) {
    await writer.session(async (session) => {
      await session.runTurn(() => 1, { usage: { inputTokens: 1_000, outputTokens: 200 } })
      await session.runTool('look', () => 1)
      await session.runTurn(() => 2, { usage: { inputTokens: 1_000, outputTokens: 200 } })
    })
  }
  return runtime.log.facts()
}
