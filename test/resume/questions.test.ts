import { describe, expect, it } from 'vitest'
import { replay, type AgentSession, type OrchestratorOptions, type StreamEvent } from '../../src/index.js'
import { DRAFT } from '../support/runtime.js'
import { startProcess, type ProcessOptions } from './processes.js'
import { askTwice, leave, never, pass, type Ask } from './twice.js'

const policy: Partial<OrchestratorOptions> = {
  qualityGate: 'standard',
  policy: [{ name: 'always', condition: { type: 'phaseCompleted' }, actions: [{ action: 'notify' }] }],
}

const questions: readonly (readonly [string, Ask, ProcessOptions?])[] = [
  [
    'a turn',
    (session, note) => session.runTurn(() => note('turn'), { ...DRAFT, name: 'draft', input: { topic: 'x' } }),
  ],
  ['a turn with its usage and id', async (session) => session.runTurn(() => ({ text: 'draft' }), DRAFT)],
  ['a tool', (session, note) => session.runTool('lookup', () => (note('lookup'), ['a', null]), { args: [1] })],
  [
    'tools that run at the same time',
    (session, note) =>
      session.runTools(
        ['b', 'a', 'a'].map((name) => ({ name, run: () => (note(name), `${name}!`), args: name })),
        { settle: 'all' },
      ),
  ],
  ['a step', (session, note) => session.step('query', () => (note('query'), { rows: 2 }))],
  ['a step that returns nothing', (session, note) => session.step('write', () => note('write'))],
  ['the gate', async (session) => session.evaluateGate('strict'), { orchestrator: policy }],
  ['the policy', async (session) => session.evaluatePolicy({ phaseCompleted: true }), { orchestrator: policy }],
  ['the time', async (session) => [session.now(), session.now()]],
  ['chance', async (session) => [session.random(), session.random()]],
  ['a wait', (session) => session.sleep(50)],
  ['a handoff', (session) => session.handoffTo('editor', { reason: 'done', context: { pages: 3 } })],
]

describe('a function that is run again', () => {
  for (const [what, ask, options] of questions) {
    it(`gets ${what} from the log, as it was [DUR-1]`, async () => {
      const { before, after, second } = await askTwice(ask, options)
      expect(before).toHaveProperty('returned')
      expect(after).toEqual(before)
      expect(replay(second.runtime.log.facts())).toEqual(second.runtime.getState())
    })
  }

  it('calls each of its functions once over both processes [DUR-1]', async () => {
    const { calls } = await askTwice(async (session, note) => {
      await session.runTurn(() => note('turn'))
      await session.runTools([
        { name: 'tool', run: () => note('tool') },
        { name: 'tool', run: () => note('tool') },
      ])
      await session.step('step', () => note('step'))
    })
    expect(calls).toEqual(['turn', 'tool', 'tool', 'step'])
  })

  it('draws what is new from where it is, and not what was drawn before again', async () => {
    const { before, after } = await askTwice(async (session) => session.random())
    const fresh = await askTwice(async (session) => session.random())
    expect(after).toEqual(before)
    expect(fresh.before).toEqual(before)
  })

  it('gets copies: what it did to a result before is not in the next one', async () => {
    const { after } = await askTwice(async (session) => {
      const { value } = await session.runTurn(() => ({ words: ['draft'] }))
      value.words.push('changed')
      return value
    })
    expect(after).toEqual({ returned: { words: ['draft', 'changed'] } })
  })

  it('hears the text of a streamed turn in one delta, then its end [DUR-2]', async () => {
    const events: StreamEvent<string>[][] = []
    const { calls } = await askTwice(async (session, note) => {
      const heard: StreamEvent<string>[] = []
      events.push(heard)
      for await (const event of session.runTurnStream(() => (note('stream'), chunks('one ', 'two')), DRAFT)) {
        heard.push(event)
      }
    })
    const [final] = events[0]!.slice(-1)
    expect(final).toMatchObject({ type: 'final', status: 'completed', text: 'one two', turnId: 'turn-1' })
    expect(events[1]).toEqual([{ type: 'text_delta', delta: 'one two', chunk: null }, final])
    expect(calls).toEqual(['stream'])
  })

  it('hears of a stream that it left what it had heard of it [DUR-2]', async () => {
    const { before, after, calls } = await askTwice(async (session, note) => {
      let heard = ''
      for await (const event of session.runTurnStream(() => (note('stream'), chunks('one ', 'two ', 'three')))) {
        if (event.type === 'text_delta') heard += event.delta
        if (heard.includes('two')) break
      }
      return heard
    })
    expect([before, after]).toEqual([{ returned: 'one two ' }, { returned: 'one two ' }])
    expect(calls).toEqual(['stream'])
  })

  it('gets an idempotent turn from its log, and another thread function the kept one', async () => {
    const { after, before, second } = await askTwice((session, note) =>
      session.runTurn(() => (note('order'), 17), { ...DRAFT, idempotencyKey: 'order' }),
    )
    expect(after).toEqual(before)
    const other = second.runtime.orchestrator({ role: 'editor', phase: 'review' })
    const ask = (session: AgentSession) => session.runTurn(never, { ...DRAFT, idempotencyKey: 'order' })
    expect(await other.session(ask, { threadId: 'thread' })).toMatchObject({ value: 17, replayed: true })
  })

  it('comes by complete, raised limits and cleared failures again [DUR-3]', async () => {
    const ask: Ask = async (session) => {
      session.raiseLimits({ budgetUsd: 7 })
      session.clearFailures()
      await session.runTurn(() => 1)
      await session.complete('done')
      return session.status
    }
    const { before, after, second } = await askTwice(ask)
    expect([before, after]).toEqual([{ returned: 'completed' }, { returned: 'completed' }])
    expect(second.factTypes().filter((type) => type === 'sessions/completed')).toHaveLength(1)
  })

  it('is told the same by a handoff, and its worker picks it up in the same thread [DUR-3]', async () => {
    const calls: string[] = []
    const runIn = async (process: Awaited<ReturnType<typeof startProcess>>, review: () => unknown) => {
      const editor = process.runtime.orchestrator({ role: 'editor', phase: 'review' })
      const handoff = await process.orchestrator.session(
        async (session) => {
          await session.runTurn(() => calls.push('write'))
          return session.handoffTo(editor, { reason: 'written' })
        },
        { threadId: 't' },
      )
      return editor.session(
        (session) => session.runTurn(review).then(({ value }) => [session.handoff?.reason, value]),
        {
          ...{ threadId: 't', handoff },
        },
      )
    }
    const first = await startProcess()
    leave(runIn(first, never))
    await pass(first)
    const second = await first.crash()
    expect(await runIn(second, () => 'reviewed')).toEqual(['written', 'reviewed'])
    expect(await runIn(second, never)).toEqual(['written', 'reviewed'])
    expect(calls).toEqual(['write'])
  })
})

async function* chunks(...texts: readonly string[]) {
  yield* texts
}
