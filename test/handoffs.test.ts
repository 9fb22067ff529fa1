import { describe, expect, it } from 'vitest'
import { InvalidArgumentError, NotFoundError } from '../src/index.js'
import { createTestRuntime, rejection } from './support/runtime.js'

describe('a handoff', () => {
  it('ends its session as completed and registers the worker that will pick it up [HAND-3, HAND-4]', async () => {
    const { orchestrator, runtime, sessionFacts, clock } = createTestRuntime({ projectId: 4 })
    const handoff = await orchestrator.session((session) =>
      session.handoffTo('editor', { reason: 'needs review', context: { draft: 'v1' } }),
    )
    expect(handoff).toEqual({
      sourceSessionId: 'session-1',
      targetSessionId: 'session-2',
      sourceRole: 'writer',
      targetRole: 'editor',
      phase: 'draft',
      projectId: 4,
      reason: 'needs review',
      context: { draft: 'v1' },
      createdAt: clock.now(),
    })
    expect(sessionFacts()).toEqual(['sessions/opened', 'handoffs/issued'])
    expect(runtime.select.session('session-1')?.lifecycle).toMatchObject({
      status: 'completed',
      detail: 'handoff to editor',
    })
    expect(runtime.select.session('session-2')?.lifecycle).toMatchObject({
      status: 'initializing',
      detail: 'handoff from writer: needs review',
    })
    expect(runtime.select.pendingHandoffs({ role: 'editor' })).toEqual([handoff])
  })

  it('is adopted by the session that picks it up [HAND-5, SESS-1, SESS-3]', async () => {
    const { orchestrator, runtime } = createTestRuntime({ projectId: 4 })
    const editor = runtime.orchestrator({ role: 'editor', phase: 'edit' })
    const handoff = await orchestrator.session((session) =>
      session.handoffTo('editor', { reason: 'r', context: { n: 1 } }),
    )
    await editor.session((session) => expect([session.id, session.handoff?.context]).toEqual(['session-2', { n: 1 }]), {
      handoff,
    })
    expect(runtime.select.session('session-2')).toMatchObject({ role: 'editor', phase: 'edit', projectId: 4 })
    expect(runtime.select.session('session-2')?.lifecycle.recent.map(({ status }) => status)).toEqual([
      'initializing',
      'running',
      'completed',
    ])
    expect(runtime.select.pendingHandoffs()).toEqual([])
    expect(runtime.listActive()).toEqual([])
    expect(runtime.getState().sessions.count).toBe(2)
  })

  it('is picked up once, by the right role [HAND-5]', async () => {
    const { orchestrator, runtime } = createTestRuntime()
    const editor = runtime.orchestrator({ role: 'editor', phase: 'edit' })
    const { targetSessionId } = await orchestrator.session((session) => session.handoffTo('editor', { reason: 'r' }))
    expect(await rejection(orchestrator.open({ handoff: targetSessionId }))).toMatchObject({
      field: 'handoff.targetRole',
    })
    await editor.open({ handoff: targetSessionId })
    expect(await rejection(editor.open({ handoff: targetSessionId }))).toBeInstanceOf(NotFoundError)
    expect(await rejection(editor.open({ handoff: 'session-99' }))).toBeInstanceOf(NotFoundError)
    expect(await rejection(editor.open({ handoff: 'session-1' }))).toBeInstanceOf(NotFoundError)
  })

  it('keeps a copy of its context [HAND-1]', async () => {
    const { orchestrator } = createTestRuntime()
    const context = { notes: ['a'] }
    const handoff = await orchestrator.session((session) => session.handoffTo('editor', { reason: 'r', context }))
    context.notes.push('b')
    expect(handoff.context).toEqual({ notes: ['a'] })
  })

  it('happens once [HAND-6]', async () => {
    const { orchestrator, runtime } = createTestRuntime()
    const session = await orchestrator.open()
    await session.handoffTo('editor', { reason: 'r' })
    expect(await rejection(session.handoffTo('critic', { reason: 'r' }))).toMatchObject({ code: 'session_ended' })
    expect(runtime.getState().sessions.count).toBe(2)
  })

  it.each([
    ['targetRole', ['', { reason: 'r' }]],
    ['reason', ['editor', { reason: ' ' }]],
    ['options', ['editor', undefined]],
    ['context', ['editor', { reason: 'r', context: [] }]],
    ['context.when', ['editor', { reason: 'r', context: { when: new Date(0) } }]],
    ['context.list[1]', ['editor', { reason: 'r', context: { list: [1, () => 1] } }]],
  ])('with a bad %s leaves the session running and registers nobody [HAND-1]', async (field, args) => {
    const { orchestrator, runtime, factTypes } = createTestRuntime()
    const session = await orchestrator.open()
    const before = factTypes()
    const error = await rejection(session.handoffTo(...(args as Parameters<typeof session.handoffTo>)))
    expect(error).toBeInstanceOf(InvalidArgumentError)
    expect(error).toMatchObject({ field })
    expect(session.status).toBe('running')
    expect(factTypes()).toEqual(before)
    expect(runtime.getState().sessions.count).toBe(1)
  })

  it('to a role that is not among the targets is refused [HAND-2]', async () => {
    const { orchestrator } = createTestRuntime({ handoffTargets: ['editor', 'critic'] })
    const session = await orchestrator.open()
    expect(await rejection(session.handoffTo('editr', { reason: 'typo' }))).toMatchObject({
      message: 'targetRole must be one of editor, critic, got "editr"',
    })
  })
})
