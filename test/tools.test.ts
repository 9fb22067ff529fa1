import { describe, expect, it, vi } from 'vitest'
import { GuardrailViolatedError, PermissionDeniedError, type Guardrail, type GuardrailSubject } from '../src/index.js'
import { createTestRuntime, rejection } from './support/runtime.js'

const permissions = {
  roles: { writer: { mode: 'read_only', deniedTools: ['Shell'] }, editor: { mode: 'full_access', allowedTools: [] } },
  tools: { write_db: 'full_access' },
} as const

function blocks(name: string, stage: 'pre' | 'post', more: Partial<Guardrail> = {}): Guardrail {
  return { name, stages: [stage], check: () => ({ allowed: false, reason: `${name} says no` }), ...more }
}

describe('a tool call', () => {
  it('returns what the tool returned [TOOL-1, TOOL-8]', async () => {
    const { orchestrator, sessionFacts } = createTestRuntime()
    const session = await orchestrator.open()
    await expect(session.runTool('lookup', async () => 'RAG')).resolves.toBe('RAG')
    expect(sessionFacts().slice(1)).toEqual(['tools/started', 'tools/completed'])
  })

  it('rethrows what the tool threw, the very same [TOOL-9]', async () => {
    const { orchestrator, sessionFacts } = createTestRuntime()
    const session = await orchestrator.open()
    const error = new Error('div by zero')
    expect(await rejection(session.runTool('calc', () => Promise.reject(error)))).toBe(error)
    expect(sessionFacts().at(-1)).toBe('tools/failed')
  })

  it('times out, aborts its signal and leaves no timer [TOOL-10]', async () => {
    const { orchestrator, clock } = createTestRuntime()
    const session = await orchestrator.open()
    let signal: AbortSignal | undefined
    const hang = (call: { signal: AbortSignal }) => {
      signal = call.signal
      return new Promise(() => undefined)
    }
    const error = rejection(session.runTool('slow', hang, { timeoutMs: 20 }))
    await clock.advance(20)
    expect(await error).toMatchObject({ code: 'tool_timeout', tool: 'slow', timeoutMs: 20 })
    expect(signal?.aborted).toBe(true)
    expect(clock.pendingTimers).toBe(0)
  })

  it('is aborted by its own signal, and by the end of its session [TOOL-11, SESS-7]', async () => {
    const { orchestrator, runtime } = createTestRuntime()
    const session = await orchestrator.open()
    const controller = new AbortController()
    const hang = () => new Promise(() => undefined)
    const one = rejection(session.runTool('slow', hang, { signal: controller.signal }))
    const two = rejection(session.runTool('slow', hang))
    controller.abort('enough')
    expect(await one).toBe('enough')
    await session.fail('over')
    expect(await two).toMatchObject({ code: 'session_ended', status: 'failed' })
    expect(runtime.select.summary(session.id)).toMatchObject({ tools: { cancelled: 2 }, inFlight: { tools: [] } })
  })
})

describe('permissions', () => {
  it('deny a tool that needs more than the role may [PERM-2, PERM-3, TOOL-4]', async () => {
    const { orchestrator, runtime, sessionFacts } = createTestRuntime({ permissions })
    const session = await orchestrator.open()
    const tool = vi.fn()
    const error = await rejection(session.runTool('Write_DB', tool))
    expect(error).toBeInstanceOf(PermissionDeniedError)
    expect(error).toMatchObject({ role: 'writer', reason: "role 'writer' has read_only but tool requires full_access" })
    expect(tool).not.toHaveBeenCalled()
    expect(sessionFacts().slice(1)).toEqual(['tools/blocked'])
    expect(runtime.select.summary(session.id).tools).toMatchObject({ started: 0, blocked: 1 })
  })

  it.each([
    ['writer', 'lookup', true, null],
    ['writer', 'shell', false, "tool 'shell' is explicitly denied for role 'writer'"],
    ['editor', 'lookup', false, "tool 'lookup' not in allowed list for role 'editor'"],
    ['ghost', 'lookup', false, 'no config for role, default deny'],
    ['constructor', 'lookup', false, 'no config for role, default deny'],
  ])('let %s call %s: %s [PERM-3, PERM-4]', async (role, tool, allowed, reason) => {
    const { orchestrator } = createTestRuntime({ role, permissions })
    const session = await orchestrator.open()
    expect(session.authorize(tool)).toMatchObject({ allowed, reason })
  })

  it('may require more of tools that are not listed [PERM-1]', async () => {
    const { orchestrator } = createTestRuntime({ permissions: { ...permissions, unlistedTools: 'full_access' } })
    const session = await orchestrator.open()
    expect(session.authorize('lookup').allowed).toBe(false)
  })
})

describe('guardrails', () => {
  it('block before the call, all of a stage together [GUARD-3, GUARD-5]', async () => {
    const { orchestrator, runtime } = createTestRuntime({
      guardrails: [blocks('a', 'pre'), blocks('b', 'post'), blocks('c', 'pre')],
    })
    const session = await orchestrator.open()
    const tool = vi.fn()
    const error = await rejection(session.runTool('shell', tool))
    expect(error).toBeInstanceOf(GuardrailViolatedError)
    expect(error).toMatchObject({
      message: "pre stage: 2 guardrails blocked tool 'shell' for role 'writer': a, c",
      guardrail: 'a',
      stage: 'pre',
      reason: 'a says no',
    })
    expect(tool).not.toHaveBeenCalled()
    expect(runtime.log.facts().at(-1)?.payload).toMatchObject({
      by: { kind: 'guardrail', stage: 'pre', guardrails: ['a', 'c'] },
    })
  })

  it('block what a tool returned [TOOL-8]', async () => {
    const { orchestrator, sessionFacts, runtime } = createTestRuntime({ guardrails: [blocks('b', 'post')] })
    const session = await orchestrator.open()
    await rejection(session.runTool('fetch', () => 'poison'))
    expect(sessionFacts().slice(1)).toEqual(['tools/started', 'tools/blocked'])
    expect(runtime.select.summary(session.id)).toMatchObject({
      tools: { started: 1, blocked: 1 },
      inFlight: { tools: [] },
    })
  })

  it('see the arguments before and the value after [GUARD-2, GUARD-6]', async () => {
    const seen: GuardrailSubject[] = []
    const spy: Guardrail = {
      name: 'spy',
      stages: ['pre', 'post'],
      check: async (subject) => {
        seen.push(subject)
        return { allowed: true }
      },
    }
    const { orchestrator } = createTestRuntime({ guardrails: [spy] })
    const session = await orchestrator.open()
    await session.runTool('fetch', () => ({ body: 1 }), { args: { url: 'x' } })
    await session.runTurn(() => 'not looked at')
    expect(seen).toEqual([
      { stage: 'pre', kind: 'tool', role: 'writer', name: 'fetch', input: { url: 'x' } },
      { stage: 'post', kind: 'tool', role: 'writer', name: 'fetch', input: { url: 'x' }, value: { body: 1 } },
    ])
  })

  it('may look at turns: before the call, and at an answer that is paid for [GUARD-7, GUARD-8]', async () => {
    const guardrail = blocks('tone', 'post', { appliesTo: ['turn'] })
    const { orchestrator, runtime, sessionFacts } = createTestRuntime({ guardrails: [guardrail] })
    const session = await orchestrator.open()
    const turn = session.runTurn(() => 'rude', { model: 'your-model', usage: { inputTokens: 9 } })
    expect(await rejection(turn)).toMatchObject({
      message: "post guardrail 'tone' blocked turn 'your-model' for role 'writer': tone says no",
    })
    expect(sessionFacts().slice(1)).toEqual(['turns/started', 'turns/completed', 'turns/blocked'])
    expect(runtime.select.summary(session.id)).toMatchObject({ turns: { blocked: 1 }, usage: { inputTokens: 9 } })

    const strict = createTestRuntime({ guardrails: [blocks('input', 'pre', { appliesTo: ['turn'] })] })
    const refused = await strict.orchestrator.open()
    const model = vi.fn()
    expect(await rejection(refused.runTurn(model, { input: 'prompt' }))).toBeInstanceOf(GuardrailViolatedError)
    expect(model).not.toHaveBeenCalled()
    expect(strict.sessionFacts().slice(1)).toEqual(['turns/blocked'])
  })

  it('that throw block too, with their own error [GUARD-4]', async () => {
    const error = new Error('the classifier is down')
    const broken = (stage: 'pre' | 'post'): Guardrail => blocks('broken', stage, { check: () => Promise.reject(error) })
    const before = await createTestRuntime({ guardrails: [broken('pre')] }).orchestrator.open()
    const tool = vi.fn()
    expect(await rejection(before.runTool('x', tool))).toBe(error)
    expect(tool).not.toHaveBeenCalled()

    const { orchestrator, runtime, sessionFacts } = createTestRuntime({ guardrails: [broken('post')] })
    const after = await orchestrator.open()
    expect(await rejection(after.runTool('x', () => 1))).toBe(error)
    expect(sessionFacts().slice(1)).toEqual(['tools/started', 'tools/blocked'])
    expect(runtime.select.summary(after.id).inFlight.tools).toEqual([])
  })

  it('must answer with a verdict [GUARD-4]', async () => {
    const { orchestrator } = createTestRuntime({ guardrails: [blocks('odd', 'pre', { check: (() => true) as never })] })
    const session = await orchestrator.open()
    expect(await rejection(session.runTool('x', () => 1))).toMatchObject({
      field: 'guardrails.odd.check()',
      value: true,
    })
  })
})

describe('bad input to a tool call', () => {
  it.each([
    ['tool', ' ', () => 1, {}],
    ['thunk', 'x', 'lookup', {}],
    ['timeoutMs', 'x', () => 1, { timeoutMs: -5 }],
    ['signal', 'x', () => 1, { signal: 'abort' }],
  ])('names %s and its value', async (field, tool, thunk, options) => {
    const { orchestrator, factTypes } = createTestRuntime()
    const session = await orchestrator.open()
    const before = factTypes()
    expect(await rejection(session.runTool(tool, thunk as never, options as never))).toMatchObject({
      code: 'invalid_argument',
      field,
    })
    expect(factTypes()).toEqual(before)
  })
})
