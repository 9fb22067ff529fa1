import {
  combineSlices,
  configureStore,
  createDynamicMiddleware,
  createListenerMiddleware,
  Tuple,
  type Middleware,
} from '@reduxjs/toolkit'
import createSagaMiddleware from 'redux-saga'
import * as effects from 'redux-saga/effects'
import { describe, expect, it, vi } from 'vitest'
import {
  createAgentModule,
  createMemoryLog,
  devChecks,
  facts,
  initialState,
  ModuleNotConnectedError,
  openAgentRuntime,
  replay,
} from '../../src/index.js'
import { hosted, notes, storeWith, WRITER } from '../support/hosts.js'
import { DRAFT } from '../support/runtime.js'

describe('a module in a host store', () => {
  it('keeps its state under its path, and the host its own beside it [EMB-1]', async () => {
    const { store, runtime, writer } = hosted()
    store.dispatch(notes.actions.opened())
    await writer.session((session) => session.runTurn(() => 'text', DRAFT))
    expect(store.getState().notes).toEqual({ opened: 1 })
    expect(store.getState().agents).toBe(runtime.getState())
    expect(store.getState().agents).toEqual(replay(runtime.log.facts()))
  })

  it('begins the types of its actions with its path, and only those [EMB-2]', async () => {
    const seen: string[] = []
    const spy: Middleware = () => (next) => (action) => {
      seen.push((action as { type: string }).type)
      return next(action)
    }
    const agents = createAgentModule({ reducerPath: 'helpers' })
    const store = configureStore({
      reducer: { helpers: agents.reducer },
      middleware: (getDefaultMiddleware) => getDefaultMiddleware(agents.devChecks).concat(spy, agents.middleware),
    })
    await agents
      .start(store)
      .orchestrator(WRITER)
      .session(() => 1)
    expect(seen).toEqual([
      'helpers/runtime/started',
      'helpers/orchestrators/registered',
      'helpers/sessions/opened',
      'helpers/sessions/completed',
    ])
    expect(store.getState().helpers.sessions.count).toBe(1)
  })

  it('lets a host listen to facts of a kind [EMB-2]', async () => {
    const agents = createAgentModule()
    const heard: string[] = []
    const listener = createListenerMiddleware()
    const sessionCompleted = agents.matching(facts.sessionCompleted)
    listener.startListening({
      matcher: sessionCompleted,
      effect: ({ payload }) => void heard.push(payload.sessionId),
    })
    const store = configureStore({
      reducer: { agents: agents.reducer },
      middleware: (defaults) => defaults(agents.devChecks).prepend(listener.middleware).concat(agents.middleware),
    })
    await agents
      .start(store)
      .orchestrator(WRITER)
      .session(() => 1)
    expect(heard).toEqual(['session-1'])
  })

  it('comes more than once into one store [EMB-3]', async () => {
    const one = createAgentModule({ reducerPath: 'one' })
    const two = createAgentModule({ reducerPath: 'two' })
    const store = configureStore({
      reducer: { one: one.reducer, two: two.reducer },
      middleware: (defaults) => defaults(devChecks(one, two)).concat(one.middleware, two.middleware),
    })
    const first = one.start(store)
    const second = two.start(store)
    const session = await first.orchestrator(WRITER).open()
    await second.orchestrator({ role: 'editor', phase: 'review' }).session(() => 1)
    expect(first.log.facts().map(({ type }) => type)).toEqual(['orchestrators/registered', 'sessions/opened'])
    expect(one.selectors.selectActiveSessions(store.getState()).map(({ role }) => role)).toEqual(['writer'])
    expect(two.selectors.selectActiveSessions(store.getState())).toEqual([])
    store.dispatch(two.actions.cancelSession({ sessionId: 'session-1' }))
    expect(session.status).toBe('running')
    store.dispatch(one.actions.cancelSession({ sessionId: 'session-1' }))
    expect(session.status).toBe('cancelled')
  })

  it('is injected later, with dynamic middleware [EMB-4]', async () => {
    const agents = createAgentModule({ reducerPath: 'agents' })
    const reducer = combineSlices({ notes: notes.reducer }).withLazyLoadedSlices<{ agents: typeof initialState }>()
    const dynamic = createDynamicMiddleware()
    const store = configureStore({
      reducer,
      middleware: (defaults) => defaults(agents.devChecks).concat(dynamic.middleware),
    })
    reducer.inject(agents)
    dynamic.addMiddleware(agents.middleware)
    await agents
      .start(store)
      .orchestrator(WRITER)
      .session(() => 1)
    expect(store.getState().agents?.sessions.count).toBe(1)
  })

  it('works beside a saga middleware of the host [EMB-5]', async () => {
    const agents = createAgentModule()
    const sagas = createSagaMiddleware()
    const store = configureStore({
      reducer: { agents: agents.reducer },
      middleware: (defaults) => defaults(agents.devChecks).concat(sagas, agents.middleware),
    })
    const heard: unknown[] = []
    sagas.run(function* () {
      const action: unknown = yield effects.take(agents.matching(facts.sessionOpened))
      heard.push(action)
      yield effects.put(agents.actions.cancelSession({ sessionId: 'session-1', detail: 'by a saga' }))
    })
    const session = await agents.start(store).orchestrator(WRITER).open()
    expect(heard).toHaveLength(1)
    expect(session.summary()).toMatchObject({ status: 'cancelled', detail: 'by a saga' })
  })

  it('is not warned of by the development checks with its settings [EMB-6]', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const { store, runtime, writer, agents } = hosted()
    const session = await writer.open()
    await session.runTurn(() => 'text', DRAFT)
    store.dispatch(agents.actions.cancelSession({ sessionId: session.id }))
    runtime.goLive()
    expect(error).not.toHaveBeenCalled()
    error.mockRestore()
  })

  it('says what of it is not in the store [EMB-7]', () => {
    const agents = createAgentModule()
    const bare = configureStore({ reducer: { agents: agents.reducer } })
    const reducerless = configureStore({
      reducer: { notes: notes.reducer },
      middleware: () => new Tuple(agents.middleware),
    })
    const missing = (call: () => unknown): unknown => {
      try {
        call()
      } catch (error) {
        return error
      }
      return undefined
    }
    expect(missing(() => agents.start(bare))).toMatchObject({ code: 'module_not_connected', missing: 'middleware' })
    expect(missing(() => agents.start(reducerless))).toMatchObject({ reducerPath: 'agents', missing: 'reducer' })
    expect(missing(() => reducerless.dispatch(agents.actions.resetBreaker({ name: 'api' })))).toBeInstanceOf(
      ModuleNotConnectedError,
    )
  })

  it('starts once in one store, and in no other [EMB-8]', () => {
    const { agents, store, runtime } = hosted()
    const told = vi.fn()
    store.subscribe(told)
    expect(agents.start(store)).toBe(runtime)
    expect(told).not.toHaveBeenCalled()
    const other = configureStore({ reducer: { agents: agents.reducer } })
    expect(() => agents.start(other)).toThrow('store must be the store that the module was started in')
  })

  it('opens a log that has facts, and shows its state [EMB-9]', async () => {
    const log = createMemoryLog()
    const earlier = await openAgentRuntime({ log })
    await earlier.orchestrator(WRITER).session(() => 1)
    const agents = createAgentModule({ log })
    const store = storeWith(agents)
    expect(() => agents.start(store)).toThrow('log must be an empty log')
    const [runtime, again] = await Promise.all([agents.open(store), agents.open(store)])
    expect(again).toBe(runtime)
    expect(store.getState().agents.sessions.count).toBe(1)
    await runtime.orchestrator(WRITER).session(() => 1)
    expect(store.getState().agents).toEqual(replay(log.facts()))
  })
})
