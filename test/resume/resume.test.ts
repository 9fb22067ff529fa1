import { describe, expect, it } from 'vitest'
import { facts, replay, type AgentSession } from '../../src/index.js'
import { deferred, DRAFT, rejection } from '../support/runtime.js'
import { startProcess, type TestProcess } from './processes.js'
import { afterSilence } from './twice.js'

/** A model and a tool that count their calls, and hang from the given call on. */
function world(hangFrom = Infinity) {
  const calls: string[] = []
  const answer = (what: string): Promise<string> => {
    calls.push(what)
    return calls.length >= hangFrom ? new Promise(() => undefined) : Promise.resolve(`${what}!`)
  }
  return { calls, answer }
}

async function agent(session: AgentSession, answer: (what: string) => Promise<string>): Promise<string> {
  const draft = await session.runTurn(() => answer('draft'), { ...DRAFT, name: 'draft', input: 'a topic' })
  const term = await session.runTool('lookup', () => answer('lookup'), { args: { term: 'RAG' }, idempotent: true })
  const now = session.now()
  const final = await session.runTurn(() => answer('final'), { ...DRAFT, name: 'final', input: [draft.value, term] })
  return `${final.value} at ${now}`
}

const run = (process: TestProcess, answer: (what: string) => Promise<string>) =>
  process.orchestrator.session((session) => agent(session, answer), { threadId: 'essay' })

describe('a thread that was left unfinished', () => {
  it('goes on where it was, and calls nothing twice that has answered', async () => {
    for (const hangFrom of [1, 2, 3]) {
      const first = await startProcess()
      const before = world(hangFrom)
      void run(first, before.answer)
      await first.clock.advance(50)
      const second = await first.crash()
      const after = world()
      expect(await run(second, after.answer)).toBe(`final! at ${hangFrom === 3 ? 1_000 : 1_050}`)
      expect([...before.calls.slice(0, -1), ...after.calls]).toEqual(['draft', 'lookup', 'final'])
      expect(second.runtime.select.summary('session-1')).toMatchObject({
        status: 'completed',
        turns: { iterations: 2, completed: 2, cancelled: hangFrom === 2 ? 0 : 1 },
        usage: { inputTokens: 10_000, turns: 2 },
      })
      expect(replay(second.runtime.log.facts())).toEqual(second.runtime.getState())
    }
  })

  it('returns again what its function has returned', async () => {
    const first = await startProcess()
    const before = world()
    const result = await run(first, before.answer)
    expect(await run(first, before.answer)).toBe(result)
    const second = await first.crash()
    expect(await run(second, before.answer)).toBe(result)
    expect(before.calls).toEqual(['draft', 'lookup', 'final'])
  })

  it('throws again what a call has thrown', async () => {
    const first = await startProcess()
    const fn = async (session: AgentSession) => {
      const failure = (await rejection(
        session.runTurn(() => {
          throw Object.assign(new TypeError('no'), { status: 429 })
        }),
      )) as Error & { status: number }
      const denied = await rejection(
        session.runTurn(() => 1, { timeoutMs: 5, model: 'x' }).then(() => Promise.reject(failure)),
      )
      expect(denied).toBe(failure)
      await session.runTool('hang', () => new Promise(() => undefined), { idempotent: true })
      return [failure.name, failure.message, failure.status]
    }
    void first.orchestrator.session(fn, { threadId: 't' })
    await first.clock.advance(1)
    const second = await first.crash()
    const result = second.orchestrator.session(
      async (session) => {
        const failure = (await rejection(session.runTurn(() => 'not called'))) as Error & { status: number }
        await session.runTurn(() => 'not called', { model: 'x' })
        return [failure.name, failure.message, failure.status]
      },
      { threadId: 't' },
    )
    expect(await result).toEqual(['TypeError', 'no', 429])
  })

  it('does not call a tool again of which nobody knows what it did', async () => {
    const charge = (session: AgentSession, thunk: () => unknown) =>
      session.runTool('charge', thunk, { args: { eur: 5 } })
    const first = await startProcess()
    void first.orchestrator.session((session) => charge(session, () => deferred().promise), { threadId: 't' })
    await first.clock.advance(1)
    const second = await first.crash()
    expect(second.factTypes().slice(-2)).toEqual(['tools/interrupted', 'sessions/parked'])
    let calls = 0
    const again = second.orchestrator.session((session) => charge(session, () => (calls += 1)), { threadId: 't' })
    expect(await rejection(again)).toMatchObject({ code: 'outcome_unknown', tool: 'charge', toolCallId: 'tool-1' })
    expect(calls).toBe(0)
    const third = await second.crash()
    const settled = third.orchestrator.session(
      async (session) => {
        try {
          return await charge(session, () => (calls += 1))
        } catch (error) {
          return (error as { retry(): Promise<number> }).retry()
        }
      },
      { threadId: 't' },
    )
    expect(await settled).toBe(1)
    expect(third.runtime.log.facts().filter(facts.callAnswered.match)).toHaveLength(1)
  })

  it('refuses a function that asks for something else', async () => {
    const first = await startProcess()
    void run(first, world(3).answer)
    await first.clock.advance(1)
    const second = await first.crash()
    const other = second.orchestrator.session(
      (session) => session.runTurn(() => 'x', { ...DRAFT, name: 'draft', input: 'another topic' }),
      { threadId: 'essay' },
    )
    expect(await rejection(afterSilence(second, other))).toMatchObject({
      code: 'replay_divergence',
      expected: { kind: 'turn', name: 'draft' },
      actual: { kind: 'turn', name: 'draft' },
    })
    expect(second.runtime.select.session('session-1')?.lifecycle.parkedAt).not.toBeNull()
    expect(await run(second, world().answer)).toContain('final!')
  })
})

describe('a function that throws when it is run again', () => {
  it('before it has got what it had got leaves its thread unfinished [DUR-9]', async () => {
    const first = await startProcess()
    void run(first, world(3).answer)
    await first.clock.advance(1)
    const second = await first.crash()
    const bug = new TypeError('a bug of the new version')
    const broken = second.orchestrator.session(() => Promise.reject(bug), { threadId: 'essay' })
    expect(await rejection(broken)).toBe(bug)
    expect(second.factTypes().at(-1)).toBe('sessions/parked')
    const after = world()
    expect(await run(second, after.answer)).toContain('final!')
    expect(after.calls).toEqual(['final'])
  })
})
