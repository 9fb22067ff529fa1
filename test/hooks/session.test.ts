import { describe, expect, it, vi } from 'vitest'
import {
  createIoLogger,
  createPiiRedactor,
  createTokenBudgetCheck,
  type Hook,
  type HookPoint,
  type IoRecord,
} from '../../src/index.js'
import { settle } from '../../src/testing/index.js'
import { createTestRuntime, deferred, DRAFT, rejection } from '../support/runtime.js'

const POINTS: readonly HookPoint[] = ['beforeModel', 'afterModel', 'beforeTool', 'afterTool', 'beforeHandoff']

/** Writes down where it was asked, and by which name. */
function createSpy(name: string, calls: string[]): Hook {
  const spy = (point: HookPoint) => (_value: unknown, info: { readonly name: string }) =>
    void calls.push(`${name} ${point} ${info.name}`)
  return { name, ...Object.fromEntries(POINTS.map((point) => [point, spy(point)])) }
}

/** Fails at one point, with this error. */
function createFailing(point: HookPoint, error: unknown): Hook {
  return {
    name: 'failing',
    [point]: () => {
      throw error
    },
  }
}

describe('hooks in a session', () => {
  it('run at each of their points, in the order given [HOOK-1, HOOK-2]', async () => {
    const calls: string[] = []
    const { orchestrator } = createTestRuntime({ hooks: [createSpy('a', calls), createSpy('b', calls)] })
    await orchestrator.session(async (session) => {
      await session.runTurn(() => calls.push('model'), DRAFT)
      await session.runTool('lookup', () => calls.push('tool'))
      await session.handoffTo('editor', { reason: 'r' })
    })
    expect(calls).toEqual([
      ...['a beforeModel your-model', 'b beforeModel your-model', 'model'],
      ...['a afterModel your-model', 'b afterModel your-model'],
      ...['a beforeTool lookup', 'b beforeTool lookup', 'tool', 'a afterTool lookup', 'b afterTool lookup'],
      ...['a beforeHandoff editor', 'b beforeHandoff editor'],
    ])
  })

  it('are told about the session, its role and its phase [HOOK-3]', async () => {
    const beforeModel = vi.fn()
    const { orchestrator } = createTestRuntime({ hooks: [{ name: 'spy', beforeModel }] })
    const session = await orchestrator.open()
    await session.runTurn(() => 1)
    expect(beforeModel).toHaveBeenCalledWith(undefined, {
      sessionId: 'session-1',
      role: 'writer',
      phase: 'draft',
      name: '',
    })
  })

  it('change what models, tools and callers get, each on top of the one before, async or not [HOOK-2, HOOK-4]', async () => {
    const appending = (letter: string, isAsync: boolean): Hook => {
      const append = (value: unknown): unknown => {
        const next = `${value as string}${letter}`
        return isAsync ? Promise.resolve(next) : next
      }
      return { name: letter, beforeModel: append, afterModel: append, beforeTool: append, afterTool: append }
    }
    const { orchestrator } = createTestRuntime({ hooks: [appending('1', true), appending('2', false)] })
    const session = await orchestrator.open()
    const { value } = await session.runTurn(({ input }) => `[${input as string}]`, { input: 'in' })
    expect(value).toBe('[in12]12')
    expect(await session.runTool('t', ({ args }) => `[${args as string}]`, { args: 'in' })).toBe('[in12]12')
  })

  it('leave a value as it is by returning nothing, and may replace it by null [HOOK-2]', async () => {
    const nullify = { name: 'nullify', afterModel: () => null }
    const { orchestrator } = createTestRuntime({ hooks: [{ name: 'idle', afterModel: () => undefined }, nullify] })
    const session = await orchestrator.open()
    expect((await session.runTurn<unknown>(() => 'x')).value).toBeNull()
    expect(await session.runTool('t', () => 'untouched')).toBe('untouched')
  })

  it('may be the instance of a class [HOOK-1]', async () => {
    class Counter implements Hook {
      readonly name = 'counter'
      count = 0
      beforeModel(): void {
        this.count += 1
      }
    }
    const counter = new Counter()
    const { orchestrator } = createTestRuntime({ hooks: [counter] })
    await orchestrator.session((session) => session.runTurn(() => 1))
    expect(counter.count).toBe(1)
  })

  it('may say where the work goes, why, and with what [HOOK-4, HAND-2]', async () => {
    const hook: Hook = {
      name: 'reroute',
      beforeHandoff: ({ context }) => ({
        targetRole: 'critic',
        reason: 'rerouted',
        context: { ...context, by: 'hook' },
      }),
    }
    const { orchestrator, runtime } = createTestRuntime({ hooks: [hook] })
    const handoff = await orchestrator.session((session) =>
      session.handoffTo('editor', { reason: 'r', context: { draft: 1 } }),
    )
    expect(handoff).toMatchObject({ targetRole: 'critic', reason: 'rerouted', context: { draft: 1, by: 'hook' } })
    expect(runtime.select.pendingHandoffs({ role: 'critic' })).toHaveLength(1)
  })

  it('may not hand off to a role that the orchestrator does not hand off to [HAND-2]', async () => {
    const hook: Hook = { name: 'reroute', beforeHandoff: (draft) => ({ ...draft, targetRole: 'anybody' }) }
    const { orchestrator, sessionFacts } = createTestRuntime({ hooks: [hook], handoffTargets: ['editor'] })
    const session = await orchestrator.open()
    expect(await rejection(session.handoffTo('editor', { reason: 'r' }))).toMatchObject({ field: 'targetRole' })
    expect(sessionFacts()).toEqual(['sessions/opened'])
  })
})

describe('a hook that throws', () => {
  const error = Object.freeze(new Error('the classifier is down'))

  it('before a turn refuses it with its own error, and the model is not called [HOOK-4, TURN-5]', async () => {
    const calls: string[] = []
    const hooks = [createSpy('a', calls), createFailing('beforeModel', error), createSpy('b', calls)]
    const { orchestrator, runtime, sessionFacts } = createTestRuntime({ hooks })
    const session = await orchestrator.open()
    const model = vi.fn()
    expect(await rejection(session.runTurn(model, DRAFT))).toBe(error)
    expect(model).not.toHaveBeenCalled()
    expect(calls).toEqual(['a beforeModel your-model'])
    expect(sessionFacts().slice(1)).toEqual(['turns/refused'])
    expect(runtime.log.facts().at(-1)?.payload).toMatchObject({ reason: 'hook_failed' })
    expect(session.summary().turns).toMatchObject({ iterations: 1, refused: 1, started: 0 })
  })

  it('after a turn throws its own error, and what the turn used is recorded [HOOK-4, TURN-16]', async () => {
    const { orchestrator, sessionFacts } = createTestRuntime({ hooks: [createFailing('afterModel', error)] })
    const session = await orchestrator.open()
    expect(await rejection(session.runTurn(() => 'paid for', DRAFT))).toBe(error)
    expect(sessionFacts().slice(1)).toEqual(['turns/started', 'turns/completed'])
    expect(session.summary()).toMatchObject({ turns: { completed: 1 }, usage: { turns: 1, costUsd: 0.033 } })
  })

  it('before a tool blocks it with its own error, and the tool is not called [HOOK-4, TOOL-4]', async () => {
    const { orchestrator, runtime, sessionFacts } = createTestRuntime({ hooks: [createFailing('beforeTool', error)] })
    const session = await orchestrator.open()
    const tool = vi.fn()
    expect(await rejection(session.runTool('mail', tool))).toBe(error)
    expect(tool).not.toHaveBeenCalled()
    expect(sessionFacts().slice(1)).toEqual(['tools/blocked'])
    expect(runtime.log.facts().at(-1)?.payload).toMatchObject({ toolCallId: null, by: { kind: 'hook' } })
  })

  it('after a tool blocks what it returned [TOOL-8]', async () => {
    const { orchestrator, runtime, sessionFacts } = createTestRuntime({ hooks: [createFailing('afterTool', error)] })
    const session = await orchestrator.open()
    expect(await rejection(session.runTool('mail', () => 'sent'))).toBe(error)
    expect(sessionFacts().slice(1)).toEqual(['tools/started', 'tools/blocked'])
    expect(runtime.log.facts().at(-1)?.payload).toMatchObject({ toolCallId: 'tool-1', by: { kind: 'hook' } })
    expect(session.summary()).toMatchObject({ tools: { started: 1, blocked: 1 }, inFlight: { tools: [] } })
  })

  it('before a handoff stops it, and the session goes on [HAND-2]', async () => {
    const { orchestrator, sessionFacts } = createTestRuntime({ hooks: [createFailing('beforeHandoff', error)] })
    const session = await orchestrator.open()
    expect(await rejection(session.handoffTo('editor', { reason: 'r' }))).toBe(error)
    expect(sessionFacts()).toEqual(['sessions/opened'])
    expect(session.status).toBe('running')
  })
})

describe('a hook that takes long', () => {
  const hang = (): Promise<never> => new Promise(() => undefined)

  it.each([
    ['a turn', { beforeModel: hang }, ['sessions/cancelled']],
    ['a tool', { beforeTool: hang }, ['sessions/cancelled']],
    ['what a tool returned', { afterTool: hang }, ['tools/started', 'sessions/cancelled', 'tools/cancelled']],
    ['a handoff', { beforeHandoff: hang }, ['sessions/cancelled']],
  ])('with %s is given up when the session is cancelled [HOOK-4, TOOL-11]', async (what, hook, expected) => {
    const { orchestrator, sessionFacts } = createTestRuntime({ hooks: [{ name: 'slow', ...hook }] })
    const session = await orchestrator.open()
    const call = {
      'a turn': () => session.runTurn(() => 1),
      'a tool': () => session.runTool('t', () => 1),
      'what a tool returned': () => session.runTool('t', () => 1),
      'a handoff': () => session.handoffTo('editor', { reason: 'r' }),
    }[what]
    const ended = rejection(call!())
    await settle()
    await session.cancel('enough')
    expect(await ended).toMatchObject({ code: 'cancelled', detail: 'enough' })
    expect(sessionFacts().slice(1)).toEqual(expected)
    expect(session.summary().inFlight).toEqual({ turns: [], tools: [] })
  })

  it('lets no tool begin in a session that has ended meanwhile', async () => {
    const gate = deferred<undefined>()
    const { orchestrator, sessionFacts } = createTestRuntime({
      hooks: [{ name: 'slow', beforeTool: () => gate.promise }],
    })
    const session = await orchestrator.open()
    const tool = vi.fn()
    const call = rejection(session.runTool('mail', tool))
    await session.complete()
    gate.resolve(undefined)
    expect(await call).toMatchObject({ code: 'session_ended', status: 'completed' })
    expect(tool).not.toHaveBeenCalled()
    expect(sessionFacts().slice(1)).toEqual(['sessions/completed'])
  })
})

describe('the hooks that come with the package', () => {
  const MAIL = 'write to ann@example.com'

  it('redact personal data on its way in and out [HOOK-5]', async () => {
    const { orchestrator } = createTestRuntime({ hooks: [createPiiRedactor()] })
    const session = await orchestrator.open()
    const model = vi.fn(({ input }: { input: unknown }) => ({ echo: input, card: '4111 1111 1111 1111' }))
    const { value } = await session.runTurn(model, { input: { prompt: MAIL } })
    expect(model.mock.lastCall?.[0].input).toEqual({ prompt: 'write to [REDACTED]' })
    expect(value).toEqual({ echo: { prompt: 'write to [REDACTED]' }, card: '[REDACTED]' })
    expect(await session.runTool('echo', ({ args }) => [args], { args: MAIL })).toEqual(['write to [REDACTED]'])
    const handoff = await session.handoffTo('editor', { reason: MAIL, context: { from: 'bob@example.com' } })
    expect(handoff).toMatchObject({ reason: 'write to [REDACTED]', context: { from: '[REDACTED]' } })
  })

  it('log what goes in and out, without its content, and what a redactor before them left [HOOK-8]', async () => {
    const records: IoRecord[] = []
    const write = (record: IoRecord) => void records.push(record)
    const { orchestrator } = createTestRuntime({ hooks: [createIoLogger({ write })] })
    await orchestrator.session(async (session) => {
      await session.runTurn(() => ['a', 'b'], { input: MAIL, model: 'your-model' })
      await session.runTool('lookup', () => 7)
    })
    const about = { sessionId: 'session-1', role: 'writer' }
    expect(records).toEqual([
      { ...about, point: 'beforeModel', name: 'your-model', type: 'string', size: MAIL.length },
      { ...about, point: 'afterModel', name: 'your-model', type: 'array', size: 2 },
      { ...about, point: 'beforeTool', name: 'lookup', type: 'undefined', size: null },
      { ...about, point: 'afterTool', name: 'lookup', type: 'number', size: null },
    ])

    const redacted: IoRecord[] = []
    const logger = createIoLogger({ write: (record) => void redacted.push(record), includeContent: true })
    const careful = createTestRuntime({ hooks: [createPiiRedactor(), logger] })
    await careful.orchestrator.session((session) => session.runTurn(() => 1, { input: MAIL }))
    expect(redacted[0]).toMatchObject({ content: 'write to [REDACTED]' })
  })

  it('refuse a prompt that is too long before the model is called [HOOK-9]', async () => {
    const { orchestrator, sessionFacts } = createTestRuntime({ hooks: [createTokenBudgetCheck({ maxTokens: 3 })] })
    const session = await orchestrator.open()
    const model = vi.fn()
    await session.runTurn(model, { input: 'x'.repeat(15) })
    expect(await rejection(session.runTurn(model, { input: 'x'.repeat(16) }))).toMatchObject({
      code: 'hook_budget_exceeded',
      estimatedTokens: 4,
      maxTokens: 3,
    })
    expect(model).toHaveBeenCalledTimes(1)
    expect(sessionFacts().at(-1)).toBe('turns/refused')
  })

  it('leave no trace of the content in the log', async () => {
    const { orchestrator, runtime } = createTestRuntime({
      hooks: [createPiiRedactor(), createIoLogger({ write: () => undefined })],
    })
    await orchestrator.session(async (session) => {
      await session.runTurn(() => MAIL, { input: MAIL })
      await session.runTool('echo', () => MAIL, { args: MAIL })
    })
    expect(JSON.stringify(runtime.log.facts())).not.toContain('write to')
  })
})

describe('bad hooks', () => {
  it.each([
    ['hooks', 'redact'],
    ['hooks[0].name', [{ name: ' ' }]],
    ['hooks[1].afterTool', [{ name: 'a' }, { name: 'b', afterTool: true }]],
  ])('are refused by naming %s [HOOK-1]', (field, hooks) => {
    expect(() => createTestRuntime({ hooks: hooks as never })).toThrow(
      expect.objectContaining({ code: 'invalid_argument', field }),
    )
  })
})
