import { describe, expect, it } from 'vitest'
import {
  createAgentRuntime,
  createMemoryLog,
  facts,
  LogCorruptError,
  openAgentRuntime,
  type AgentSession,
  type OrchestratorOptions,
} from '../../src/index.js'
import { createManualClock, settle } from '../../src/testing/index.js'
import { DRAFT, rejection } from '../support/runtime.js'
import { createSlowLog } from './slowLog.js'
import { leave, never, outcomeOf } from './twice.js'

async function start(options: Partial<OrchestratorOptions> = {}) {
  const log = createSlowLog()
  const clock = createManualClock(1_000)
  const runtime = await openAgentRuntime({ log, clock, record: { results: 'json' }, onWarning: () => undefined })
  runtime.registerPricing('your-model', { inputPerMillion: 3, outputPerMillion: 15 })
  const orchestrator = runtime.orchestrator({ role: 'writer', phase: 'draft', ...options })
  const run = <T>(fn: (session: AgentSession) => Promise<T>, threadId: string | undefined = 't') => {
    const events: string[] = []
    const ended = orchestrator.session(fn, { threadId })
    ended.then(
      () => events.push('returned'),
      () => events.push('threw'),
    )
    return { ended, events }
  }
  const types = () => log.facts().map(({ type }) => type)
  return { log, clock, runtime, orchestrator, run, types }
}

/** Whatever can go on without a write does. */
async function idle(): Promise<void> {
  for (let turn = 0; turn < 8; turn += 1) await settle()
}

describe('a log that takes its time', () => {
  it.each([
    ['turns', (session: AgentSession, thunk: () => unknown) => session.runTurn(thunk), 'turns/started'],
    ['tools', (session: AgentSession, thunk: () => unknown) => session.runTool('t', thunk), 'tools/started'],
  ] as const)(
    'has the start of %s before they are called, and their answer before it is told [DUR-14]',
    async (_, call, type) => {
      const { log, run, types } = await start()
      const seen: string[] = []
      const { ended, events } = run(async (session) => {
        await call(session, () => seen.push(`called with ${types()[log.durable - 1]}`))
        seen.push(`told with ${types()[log.durable - 1]}`)
      })
      await idle()
      expect(seen).toEqual([])
      log.write()
      await idle()
      expect(seen).toEqual([`called with ${type}`])
      log.write()
      await idle()
      expect(seen[1]).toBe('told with calls/answered')
      expect(events).toEqual([])
      log.write()
      await ended
      expect(types()[log.durable - 1]).toBe('sessions/returned')
    },
  )

  it('has what a call threw before it is thrown [DUR-14]', async () => {
    const { log, run } = await start()
    const { events } = run((session) => session.step('fails', () => Promise.reject(new Error('no'))))
    await idle()
    expect(events).toEqual([])
    log.hurry()
    await idle()
    expect(events).toEqual(['threw'])
  })

  it('has a handoff before it is returned [DUR-14]', async () => {
    const { log, run } = await start()
    let handoff: unknown
    const { ended } = run(async (session) => void (handoff = await session.handoffTo('editor', { reason: 'done' })))
    await idle()
    expect(handoff).toBeUndefined()
    log.hurry()
    await ended
    expect(handoff).toMatchObject({ targetRole: 'editor' })
  })

  it('has the start of each further attempt before it is made [DUR-14]', async () => {
    const recovery = { mode: 'execute', backoff: { baseMs: 1, jitter: 'none' }, escalation: 'rethrow' } as const
    const { log, run, types, clock } = await start({ recovery })
    const seen: (string | undefined)[] = []
    run((session) =>
      session.runTurn(() => {
        seen.push(types()[log.durable - 1])
        if (seen.length === 1) throw Object.assign(new Error('bad gateway'), { status: 502 })
        return 'draft'
      }),
    )
    for (let round = 0; round < 4; round += 1) {
      await clock.advance(1_000)
      await idle()
      log.write()
    }
    await idle()
    expect(seen).toEqual(['turns/started', 'turns/retried'])
  })

  it('has what sessions without results did before it is told, too [DUR-14]', async () => {
    const { log, orchestrator } = await start()
    const session = await orchestrator.open()
    let told = false
    void session.runTurn(() => 1).then(() => (told = true))
    await idle()
    log.write()
    await idle()
    expect(told).toBe(false)
    log.write()
    await idle()
    expect(told).toBe(true)
  })
})

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
      const { log, run, runtime, orchestrator } = await start(options)
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
    const { log, run } = await start()
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
    const { log, run } = await start()
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

describe('opening a runtime', () => {
  it('goes on with a log that has facts, and begins with one that has none [DUR-16]', async () => {
    const log = createMemoryLog()
    const first = await openAgentRuntime({ log })
    first.registerPricing('your-model', { inputPerMillion: 3, outputPerMillion: 15 })
    expect(() => createAgentRuntime({ log })).toThrow(
      expect.objectContaining({ code: 'invalid_argument', field: 'log' }),
    )
    expect((await openAgentRuntime({ log })).getState()).toEqual(first.getState())
    expect(createAgentRuntime({ log: createMemoryLog() }).getState().seq).toBe(0)
  })

  it('refuses a log that is damaged [DUR-16]', async () => {
    const log = createMemoryLog()
    const fact = { ...facts.breakerReset({ name: 'x' }), meta: { seq: 1, at: 0, stream: '@runtime', v: 1 } }
    log.append('@runtime', [fact])
    const gap = {
      ...log,
      read: async function* () {
        await settle()
        yield { ...fact, meta: { ...fact.meta, seq: 3 } }
      },
    }
    expect(await rejection(openAgentRuntime({ log: gap }))).toBeInstanceOf(LogCorruptError)
  })
})
