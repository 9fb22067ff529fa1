import { configureStore } from '@reduxjs/toolkit'
import { describe, expect, it, vi } from 'vitest'
import { createAgentModule, TimeTravellingError } from '../../src/index.js'
import { settle } from '../../src/testing/index.js'
import { createDevTools } from '../support/devTools.js'
import { hosted, notes, WRITER } from '../support/hosts.js'
import { DRAFT, rejection } from '../support/runtime.js'

describe('commands of a module', () => {
  it('approve, edit and reject tool calls [EMB-12]', async () => {
    const { agents, store, writer } = hosted()
    const send = vi.fn((args: unknown) => args)
    const ask = (to: string) =>
      writer.session((session) =>
        session.runTool('send', ({ args }) => send(args), { args: { to }, requireApproval: true }),
      )
    const calls = ['ann', 'bob', 'eve'].map((to) => ask(to))
    const refused = rejection(calls[2]!)
    await settle()
    const [first, second, third] = agents.selectors.selectPendingRequests(store.getState())
    const decisionOn = (request: typeof first) => {
      if (request?.kind !== 'approval') throw new Error('no approval is asked for')
      const { sessionId, requestId, fingerprint } = request
      return { sessionId, requestId, fingerprint }
    }
    store.dispatch(agents.actions.approveTool(decisionOn(first)))
    store.dispatch(agents.actions.approveTool({ ...decisionOn(second), args: { to: 'team' } }))
    store.dispatch(agents.actions.rejectTool({ ...decisionOn(third), reason: 'not now' }))
    await Promise.all(calls.slice(0, 2))
    expect(send.mock.calls).toEqual([[{ to: 'ann' }], [{ to: 'team' }]])
    expect(await refused).toMatchObject({ code: 'approval_rejected', reason: 'not now' })
    expect(agents.selectors.selectPendingRequests(store.getState())).toEqual([])
  })

  it('answer questions and reset breakers [EMB-12]', async () => {
    const { agents, store, runtime, writer } = hosted()
    runtime.configureBreaker({ name: 'api', failureThreshold: 1 }).recordFailure()
    expect(agents.selectors.selectBreaker(store.getState(), 'api')?.state).toBe('open')
    store.dispatch(agents.actions.resetBreaker({ name: 'api' }))
    expect(agents.selectors.selectBreaker(store.getState(), 'api')?.state).toBe('closed')
    const asked = writer.session((session) => session.pauseForInput('Which one?'))
    await settle()
    store.dispatch(agents.actions.provideInput({ sessionId: 'session-1', value: 'the first' }))
    expect(await asked).toBe('the first')
  })

  it('throw from dispatch what does not fit, naming it [EMB-13]', () => {
    const { agents, store } = hosted()
    const dispatch = (action: { type: string }) => () => store.dispatch(action)
    expect(dispatch(agents.actions.cancelSession({ sessionId: 'session-9' }))).toThrow('session-9')
    expect(dispatch(agents.actions.cancelSession({} as never))).toThrow('payload.sessionId must be a non-blank string')
    expect(dispatch(agents.actions.resetBreaker({ name: 7 } as never))).toThrow('payload.name')
    expect(dispatch(agents.actions.provideInput({ sessionId: 'session-9', value: 1, requestId: 'r' }))).toThrow(
      'session-9',
    )
    expect(dispatch({ type: 'agents/rejectTool' })).toThrow('payload')
  })

  it('survive JSON, and can be dispatched by whoever has only their text [EMB-14]', async () => {
    const { agents, store, writer } = hosted()
    const session = await writer.open()
    const text = JSON.stringify(agents.actions.cancelSession({ sessionId: session.id }))
    store.dispatch(JSON.parse(text) as { type: string })
    expect(session.status).toBe('cancelled')
  })

  it('are refused while the store shows the past, but not goLive [EMB-15]', async () => {
    const devTools = createDevTools()
    const agents = createAgentModule()
    const store = configureStore({
      reducer: { agents: agents.reducer },
      middleware: (defaults) => defaults(agents.devChecks).concat(agents.middleware),
      enhancers: (defaults) => defaults().concat(devTools.enhancer),
    })
    const runtime = agents.start(store)
    const session = await runtime.orchestrator(WRITER).open()
    devTools.jumpTo('agents/sessions/opened')
    devTools.toggle('agents/sessions/opened')
    const cancel = () => store.dispatch(agents.actions.cancelSession({ sessionId: session.id }))
    expect(cancel).toThrow(TimeTravellingError)
    expect(session.status).toBe('running')
    devTools.toggle('agents/sessions/opened')
    devTools.jumpToLast()
    store.dispatch(agents.actions.goLive())
    cancel()
    expect(session.status).toBe('cancelled')
  })

  it('wait for the present in a host store too, and other actions of the host go by [EMB-16]', async () => {
    const devTools = createDevTools()
    const agents = createAgentModule({ onWarning: () => undefined })
    const store = configureStore({
      reducer: { notes: notes.reducer, agents: agents.reducer },
      middleware: (defaults) => defaults(agents.devChecks).concat(agents.middleware),
      enhancers: (defaults) => defaults().concat(devTools.enhancer),
    })
    const writer = agents.start(store).orchestrator(WRITER)
    const model = vi.fn(() => 'text')
    await writer.session((session) => session.runTurn(model, DRAFT))
    devTools.jumpTo('agents/turns/started')
    const waiting = writer.session((session) => session.runTurn(model, DRAFT))
    store.dispatch(notes.actions.opened())
    await settle()
    expect(model).toHaveBeenCalledTimes(1)
    devTools.jumpToLast()
    await waiting
    expect(model).toHaveBeenCalledTimes(2)
    expect(store.getState().notes.opened).toBe(1)
  })
})
