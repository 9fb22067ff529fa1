import { describe, expect, it } from 'vitest'
import { ReplayDivergenceError, type AgentSession } from '../../src/index.js'
import { deferred } from '../support/runtime.js'
import { startProcess, type ProcessOptions, type TestProcess } from './processes.js'
import { afterSilence, leave, never, outcomeOf, pass } from './twice.js'

type Fn = (session: AgentSession) => Promise<unknown>

const run = (process: TestProcess, fn: Fn) => process.orchestrator.session(fn, { threadId: 't' })

const refused = async (process: TestProcess, fn: Fn) =>
  (await outcomeOf(afterSilence(process, run(process, fn)))) as { threw: ReplayDivergenceError }

/** A draft and a lookup were answered, and the turn after them was not. */
const right =
  (last: () => unknown = () => 'end'): Fn =>
  async (session) => {
    await session.runTurn(() => 'draft', { name: 'draft', input: 'a topic' })
    session.evaluateGate('strict')
    await session.runTool('lookup', () => 'term', { args: { term: 'RAG' } })
    return (await session.runTurn(last, { name: 'final' })).value
  }

const options: ProcessOptions = { orchestrator: { qualityGate: 'standard' } }

async function left(): Promise<TestProcess> {
  const first = await startProcess(options)
  leave(run(first, right(never)))
  await pass(first)
  return first.crash()
}

const draft = (session: AgentSession) => session.runTurn(never, { name: 'draft', input: 'a topic' })

const others: readonly (readonly [string, Fn, object])[] = [
  [
    'another input',
    (session) => session.runTurn(never, { name: 'draft', input: 'another topic' }),
    { expected: { kind: 'turn', name: 'draft' }, actual: { kind: 'turn', name: 'draft' } },
  ],
  [
    'another name',
    (session) => session.runTurn(never, { name: 'sketch', input: 'a topic' }),
    { expected: { kind: 'turn', name: 'draft' }, actual: { kind: 'turn', name: 'sketch' } },
  ],
  [
    'another kind of thing',
    (session) => session.step('draft', never),
    { expected: { kind: 'turn', name: 'draft' }, actual: { kind: 'step', name: 'draft' } },
  ],
  [
    'another level of the gate',
    async (session) => (await draft(session), session.evaluateGate('minimal')),
    { expected: { kind: 'gate' }, actual: { kind: 'gate' } },
  ],
  [
    'something else after what is the same',
    async (session) => (await draft(session), session.evaluateGate('strict'), session.runTool('search', never)),
    { expected: { kind: 'tool', name: 'lookup' }, actual: { kind: 'tool', name: 'search', fingerprint: null } },
  ],
  ['less', draft, { expected: { kind: 'gate' }, actual: null }],
]

describe('a function that asks for something else than before', () => {
  for (const [what, fn, fields] of others) {
    it(`such as ${what}, is refused and its session parked: then the right one goes on [DUR-9]`, async () => {
      const second = await left()
      const facts = second.runtime.log.facts().length
      const { threw } = await refused(second, fn)
      expect(threw).toBeInstanceOf(ReplayDivergenceError)
      expect(threw).toMatchObject({ code: 'replay_divergence', sessionId: 'session-1', ...fields })
      expect(second.runtime.log.facts()[threw.seq - 1]).toMatchObject({
        ...{ type: 'calls/answered', payload: { kind: threw.expected.kind, fingerprint: threw.expected.fingerprint } },
      })
      expect(second.factTypes().slice(facts)).toEqual(['sessions/resumed', 'sessions/parked'])
      expect(await run(second, right())).toBe('end')
    })
  }

  it('is told what was expected, what came instead, and where the log has it [DUR-9]', async () => {
    const second = await left()
    const outcome = await refused(second, (session) => session.step('other', never))
    expect(outcome.threw.message).toMatch(
      /^session-1 had turn "draft" \([0-9a-f]{16}\) answered at fact \d+, and now asks for step "other"$/,
    )
    const early = await refused(second, async () => 'early')
    expect(early.threw.message).toMatch(/and now has returned$/)
  })

  it('is refused though it makes nothing of the error [DUR-9]', async () => {
    const second = await left()
    const swallowing: Fn = async (session) => {
      await session.step('other', never).catch(() => undefined)
      return 'all is well'
    }
    expect(await refused(second, swallowing)).toMatchObject({ threw: { code: 'replay_divergence' } })
    expect(second.runtime.select.session('session-1')?.lifecycle.parkedAt).not.toBeNull()
    expect(await run(second, right())).toBe('end')
  })

  it('may ask for more than before once it has asked for all of that [DUR-9]', async () => {
    const second = await left()
    const longer: Fn = async (session) => [await right()(session), await session.step('more', () => 'more')]
    expect(await run(second, longer)).toEqual(['end', 'more'])
  })

  it('may throw an error of its own, and its session fails with that', async () => {
    const second = await left()
    const failing: Fn = async (session) => {
      await right()(session)
      throw new TypeError('of its own')
    }
    expect(await outcomeOf(run(second, failing))).toMatchObject({ threw: { message: 'of its own' } })
    expect(second.runtime.select.session('session-1')?.lifecycle.status).toBe('failed')
  })

  it('waits for a branch that waits for something of its own [DUR-9]', async () => {
    const branches = (own: Promise<unknown>, last: () => unknown): Fn => {
      const slow: Fn = async (session) => (await own, await session.runTool('slow', () => 'slow'))
      return async (session) => Promise.all([slow(session), session.runTool('fast', last, { idempotent: true })])
    }
    const first = await startProcess(options)
    leave(run(first, branches(Promise.resolve(), never)))
    await pass(first)
    const second = await first.crash()
    const own = deferred()
    const ended = run(
      second,
      branches(own.promise, () => 'fast'),
    )
    leave(ended)
    await pass(second, 900)
    own.resolve(undefined)
    await pass(second)
    expect(await ended).toEqual(['slow', 'fast'])
  })
})
