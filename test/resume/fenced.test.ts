import { describe, expect, it } from 'vitest'
import { createMemoryLog, openAgentRuntime, type AgentSession, type OrchestratorOptions } from '../../src/index.js'
import { DRAFT, rejection } from '../support/runtime.js'
import { idle, startSlow } from './slowRuntime.js'
import { leave, never, outcomeOf } from './twice.js'

const waits: readonly (readonly [
  string,
  (session: AgentSession) => Promise<unknown>,
  Partial<OrchestratorOptions>?,
])[] = [
  ['runs a turn', (session) => session.runTurn(never)],
  ['runs a tool', (session) => session.runTool('t', never)],
  [
    'runs tools',
    (session) =>
      session.runTools([
        { name: 'a', run: never },
        { name: 'b', run: never },
      ]),
  ],
  [
    'runs all tools',
    (session) => session.runTools([{ name: 'a', run: never }], { settle: 'all' }).then(() => session.now()),
  ],
  ['runs a step', (session) => session.step('s', never)],
  ['waits', (session) => session.sleep(1_000_000)],
  ['asks a person', (session) => session.pauseForInput('Which?')],
  ['asks for an approval', (session) => session.runTool('t', never, { requireApproval: true })],
  ['reads a stream', (session) => session.runTurnStream(hanging).next()],
  [
    'waits for a rate limit',
    async (session) => [await session.runTurn(() => 1), await session.runTurn(() => 2)],
    { rateLimit: { name: 'slow', requests: { capacity: 1, refillPerSecond: 0.1 } } },
  ],
  [
    'waits for another turn with its key',
    (session) => Promise.all([1, 2].map(() => session.runTurn(never, { ...DRAFT, idempotencyKey: 'k' }))),
  ],
]

async function* hanging(): AsyncGenerator<string> {
  await never()
  yield ''
}

describe('a log that fails', () => {
  for (const [what, fn, options] of waits) {
    it(`ends a function that ${what}, and nothing hangs [DUR-15]`, async () => {
      const { log, run, runtime, orchestrator } = await startSlow(options)
      log.hurry()
      const { ended } = run(fn)
      leave(ended)
      await idle()
      log.fail(new Error('no space'))
      expect(() => runtime.registerPricing('other', { inputPerMillion: 1, outputPerMillion: 1 })).toThrow(
        expect.objectContaining({ code: 'log_unavailable', reason: 'failed' }),
      )
      expect(await rejection(ended)).toMatchObject({ code: 'log_unavailable', reason: 'failed' })
      expect(await rejection(orchestrator.session(() => 1))).toMatchObject({ code: 'log_unavailable' })
      expect(await rejection(runtime.close())).toMatchObject({ code: 'log_unavailable' })
    })
  }

  it.each([
    ['a turn', (session: AgentSession) => session.runTurn(never)],
    ['a tool', (session: AgentSession) => session.runTool('t', never)],
    ['a handoff', (session: AgentSession) => session.handoffTo('editor', { reason: 'done' })],
    ['a step', (session: AgentSession) => session.step('s', () => 1)],
  ] as const)('while %s waits for it rejects that, and says why [DUR-15]', async (_, call) => {
    const { log, run } = await startSlow()
    let inside: unknown
    const { ended } = run(async (session) => (inside = await outcomeOf(call(session))))
    leave(ended)
    await idle()
    const cause = new Error('no space')
    log.fail(cause)
    expect(await rejection(ended)).toMatchObject({ code: 'log_unavailable', cause })
    await idle()
    expect(inside).toMatchObject({ threw: { code: 'log_unavailable' } })
  })

  it('takes no thread with it: what is durable can be taken up from there [DUR-15]', async () => {
    const { log, run } = await startSlow()
    const { ended } = run(async (session) => [await session.step('a', () => 'a'), await session.step('b', () => 'b')])
    leave(ended)
    await idle()
    log.write()
    await idle()
    const durable = log.facts().slice(0, log.durable)
    log.fail(new Error('no space'))
    await rejection(ended)
    const copy = createMemoryLog()
    for (const fact of durable) copy.append(fact.meta.stream, [fact])
    const runtime = await openAgentRuntime({ log: copy, record: { results: 'json' } })
    const orchestrator = runtime.orchestrator({ role: 'writer', phase: 'draft' })
    const again = orchestrator.session(
      async (session) => [await session.step('a', never), await session.step('b', () => 'b')],
      { threadId: 't' },
    )
    expect(await again).toEqual(['a', 'b'])
  })
})
