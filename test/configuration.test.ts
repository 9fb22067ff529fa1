import { describe, expect, it } from 'vitest'
import { createAgentRuntime, InvalidArgumentError } from '../src/index.js'
import { createTestRuntime, rejection } from './support/runtime.js'

describe('a bad orchestrator option', () => {
  it.each([
    ['role', { role: ' ' }],
    ['role', { role: undefined }],
    ['phase', { phase: 7 }],
    ['projectId', { projectId: -1 }],
    ['projectId', { projectId: 1.5 }],
    ['model', { model: '' }],
    ['budgetUsd', { budgetUsd: NaN }],
    ['budgetUsd', { budgetUsd: -0.01 }],
    ['enforceBudget', { enforceBudget: 'yes' }],
    ['maxIterations', { maxIterations: null }],
    ['maxIterations', { maxIterations: Infinity }],
    ['turnTimeoutMs', { turnTimeoutMs: 0 }],
    ['unpricedModels', { unpricedModels: 'deny' }],
    ['circuitBreaker', { circuitBreaker: 3 }],
    ['circuitBreaker.failureThreshold', { circuitBreaker: { name: 'x', failureThreshold: 0 } }],
    ['permissions.roles.writer.mode', { permissions: { roles: { writer: { mode: 'READ_ONLY' } } } }],
    ['permissions.tools.db', { permissions: { roles: {}, tools: { db: 'write' } } }],
    ['permissions.unknownRoles', { permissions: { roles: {}, unknownRoles: 'maybe' } }],
    ['guardrails[0].check', { guardrails: [{ name: 'x', stages: ['pre'] }] }],
    ['guardrails[0].stages', { guardrails: [{ name: 'x', stages: [], check: () => 1 }] }],
    ['conditions.x', { conditions: { x: 'function' } }],
    ['handoffTargets[1]', { handoffTargets: ['editor', ''] }],
    ['recovery.steps.restart_agent', { recovery: { steps: { restart_agent: true } } }],
    ['budgetUSD', { budgetUSD: 1 }],
  ])('%s is named, with its value, and nothing is registered [ARG-1, ARG-5, RUN-3]', (field, options) => {
    const { runtime, factTypes } = createTestRuntime()
    const before = factTypes()
    const register = () => runtime.orchestrator({ role: 'writer', phase: 'draft', ...(options as object) })
    expect(register).toThrow(InvalidArgumentError)
    expect(register).toThrow(expect.objectContaining({ field }))
    expect(factTypes()).toEqual(before)
  })

  it('that is a policy nested without end is named [POL-1]', () => {
    const { runtime } = createTestRuntime()
    let condition: object = { type: 'gatePassed' }
    for (let level = 0; level < 50_000; level += 1) condition = { type: 'not', condition }
    const policy = [{ name: 'deep', condition, actions: [{ action: 'notify' }] }]
    expect(() => runtime.orchestrator({ role: 'writer', phase: 'draft', policy: policy as never })).toThrow(
      'policy must be a list of rules that are at most 100 levels deep',
    )
  })

  it('of the wrong shape altogether is named', () => {
    const { runtime } = createTestRuntime()
    expect(() => runtime.orchestrator('writer' as never)).toThrow(
      'must be an object with a role and a phase, got "writer"',
    )
  })
})

describe('a bad runtime option', () => {
  it.each([
    ['retainEndedSessions', { retainEndedSessions: -1 }],
    ['log', { log: {} }],
    ['clock', { clock: { now: () => 0 } }],
    ['sinks[0]', { sinks: [{ event: () => undefined }] }],
    ['onWarning', { onWarning: 'log' }],
    ['devTools', { devTools: 1 }],
    ['logger', { logger: console }],
  ])('%s is named', (field, options) => {
    expect(() => createAgentRuntime(options as never)).toThrow(
      expect.objectContaining({ code: 'invalid_argument', field }),
    )
  })
})

describe('bad session options', () => {
  it.each([
    ['run', 'no function', {}],
    ['threadId', () => 1, { threadId: ' ' }],
    ['threadId', () => 1, { threadId: '@runtime' }],
    ['signal', () => 1, { signal: 1 }],
  ])('name %s and open nothing [SESS-2]', async (field, run, options) => {
    const { orchestrator, factTypes } = createTestRuntime()
    const before = factTypes()
    expect(await rejection(orchestrator.session(run as never, options as never))).toMatchObject({
      code: 'invalid_argument',
      field,
    })
    expect(factTypes()).toEqual(before)
  })
})

describe('registering', () => {
  it('the same configuration twice records it once [RUN-4]', () => {
    const { runtime, factTypes } = createTestRuntime({ circuitBreaker: { name: 'api' } })
    runtime.orchestrator({ phase: 'draft', role: 'writer', circuitBreaker: { name: 'api' }, budgetUsd: null })
    expect(factTypes().filter((type) => type === 'orchestrators/registered')).toHaveLength(1)
  })

  it('keeps functions out of the log and hands each orchestrator its own [RUN-4]', async () => {
    const { runtime } = createTestRuntime()
    const build = (allowed: boolean) =>
      runtime.orchestrator({
        role: 'r',
        phase: 'p',
        guardrails: [{ name: 'same', stages: ['pre'], check: () => (allowed ? { allowed } : { allowed: false }) }],
      })
    const [open, shut] = [build(true), build(false)]
    expect(open.id).toBe(shut.id)
    await expect(open.session((session) => session.runTool('x', () => 1))).resolves.toBe(1)
    expect(await rejection(shut.session((session) => session.runTool('x', () => 1)))).toMatchObject({
      code: 'guardrail_violated',
    })
    expect(JSON.parse(JSON.stringify(runtime.log.facts()))).toStrictEqual(runtime.log.facts())
  })
})

describe('several runtimes in one process', () => {
  it('share nothing [RUN-1]', async () => {
    const [one, two] = [
      createTestRuntime({ circuitBreaker: { name: 'api', failureThreshold: 1 } }),
      createTestRuntime(),
    ]
    const session = await one.orchestrator.open()
    await rejection(session.runTurn(() => Promise.reject(new Error('boom'))))
    expect(one.runtime.select.breaker('api').state).toBe('open')
    expect(() => two.runtime.select.breaker('api')).toThrow('no breaker is known as "api"')
    expect(two.runtime.listActive()).toEqual([])
    two.runtime.configureBreaker({ name: 'api', failureThreshold: 9 })
    expect((await two.orchestrator.open()).id).toBe('session-1')
  })
})
