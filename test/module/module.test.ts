import {
  combineReducers,
  combineSlices,
  configureStore,
  createDynamicMiddleware,
  createListenerMiddleware,
  createSlice,
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
  TimeTravellingError,
} from '../../src/index.js'
import { createManualClock, settle } from '../../src/testing/index.js'
import { createDevTools } from '../support/devTools.js'
import { DRAFT, rejection } from '../support/runtime.js'

const notes = createSlice({
  name: 'sessions',
  initialState: { opened: 0 },
  // Of the same name as a fact of the runtime.
  reducers: { opened: (state) => ({ opened: state.opened + 1 }) },
})

const WRITER = { role: 'writer', phase: 'draft' }
const PRICE = { inputPerMillion: 3, outputPerMillion: 15 }

function hosted() {
  const agents = createAgentModule({ clock: createManualClock() })
  const store = configureStore({
    reducer: { notes: notes.reducer, agents: agents.reducer },
    middleware: (getDefaultMiddleware) => getDefaultMiddleware(agents.devChecks).concat(agents.middleware),
  })
  const runtime = agents.start(store)
  runtime.registerPricing('your-model', PRICE)
  return { agents, store, runtime, writer: runtime.orchestrator(WRITER) }
}

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
    expect(agents.start(store)).toBe(runtime)
    const other = configureStore({ reducer: { agents: agents.reducer } })
    expect(() => agents.start(other)).toThrow('store must be the store that the module was started in')
  })

  it('opens a log that has facts, and shows its state [EMB-9]', async () => {
    const log = createMemoryLog()
    const earlier = await openAgentRuntime({ log })
    await earlier.orchestrator(WRITER).session(() => 1)
    const agents = createAgentModule({ log })
    const store = configureStore({
      reducer: { agents: agents.reducer },
      middleware: (defaults) => defaults(agents.devChecks).concat(agents.middleware),
    })
    expect(() => agents.start(store)).toThrow('log must be an empty log')
    const [runtime, again] = await Promise.all([agents.open(store), agents.open(store)])
    expect(again).toBe(runtime)
    expect(store.getState().agents.sessions.count).toBe(1)
    await runtime.orchestrator(WRITER).session(() => 1)
    expect(store.getState().agents).toEqual(replay(log.facts()))
  })

  it('has its state back at once when the host resets the whole store [EMB-10]', async () => {
    const agents = createAgentModule()
    const parts = combineReducers({ notes: notes.reducer, agents: agents.reducer })
    const store = configureStore({
      reducer: (state: ReturnType<typeof parts> | undefined, action) =>
        parts(action.type === 'loggedOut' ? undefined : state, action),
      middleware: (defaults) => defaults(agents.devChecks).concat(agents.middleware),
    })
    const runtime = agents.start(store)
    store.dispatch(notes.actions.opened())
    await runtime.orchestrator(WRITER).session(() => 1)
    store.dispatch({ type: 'loggedOut' })
    expect(store.getState().notes.opened).toBe(0)
    expect(runtime.isLive()).toBe(true)
    expect(store.getState().agents).toEqual(replay(runtime.log.facts()))
  })

  it('goes on when a middleware or a subscriber of the host throws [EMB-11]', async () => {
    const warnings: string[] = []
    const agents = createAgentModule({ onWarning: ({ message }) => warnings.push(message) })
    const broken: Middleware = () => (next) => (action) => {
      const result = next(action)
      if (agents.matching(facts.turnStarted)(action as { type: string })) throw new TypeError('what was said')
      return result
    }
    const store = configureStore({
      reducer: { agents: agents.reducer },
      middleware: (defaults) => defaults(agents.devChecks).concat(broken, agents.middleware),
    })
    const runtime = agents.start(store)
    await runtime.orchestrator(WRITER).session((session) => session.runTurn(() => 'text', DRAFT))
    expect(warnings).toContain('the store threw TypeError when it was told of agents/turns/started')
    expect(warnings.join()).not.toContain('what was said')
    expect(store.getState().agents).toEqual(replay(runtime.log.facts()))
  })
})

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
