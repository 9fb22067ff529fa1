import { combineSlices, configureStore, createDynamicMiddleware, Tuple } from '@reduxjs/toolkit'
import { describe, expect, it } from 'vitest'
import { createAgentModule, createMemoryLog, facts, replay, type RuntimeState } from '../../src/index.js'
import { createDevTools } from '../support/devTools.js'

const WRITER = { role: 'writer', phase: 'draft' }

describe('a module that is started', () => {
  it('is refused under a path that another one has [EMB-3]', () => {
    const [first, second] = [createAgentModule(), createAgentModule()]
    const store = configureStore({
      reducer: { agents: first.reducer },
      middleware: (defaults) => defaults(first.devChecks).concat(first.middleware, second.middleware),
    })
    const runtime = first.start(store)
    expect(() => second.start(store)).toThrow('reducerPath must be a path that no other module of the store has')
    runtime.orchestrator(WRITER)
    expect(store.getState().agents).toEqual(replay(runtime.log.facts()))
  })

  it('is refused where the reducer of another one stands under its path [EMB-3]', () => {
    const [one, two] = [createAgentModule({ reducerPath: 'one' }), createAgentModule({ reducerPath: 'two' })]
    const store = configureStore({
      reducer: { one: two.reducer, two: one.reducer },
      middleware: (defaults) => defaults().concat(one.middleware, two.middleware),
    })
    expect(() => one.start(store)).toThrow("module 'one' does not find its own state in the store")
  })

  it('says that it was closed, and leaves its path to a new one [EMB-8]', async () => {
    const first = createAgentModule()
    const reducer = combineSlices().withLazyLoadedSlices<{ agents: RuntimeState }>()
    const dynamic = createDynamicMiddleware()
    const store = configureStore({ reducer, middleware: () => new Tuple(dynamic.middleware) })
    reducer.inject(first)
    dynamic.addMiddleware(first.middleware)
    const runtime = first.start(store)
    await runtime.orchestrator(WRITER).session(() => 1)
    await runtime.close()
    expect(() => first.start(store)).toThrow("module 'agents' was closed: make a new one")
    expect(runtime.select.session('session-1')?.lifecycle.status).toBe('completed')

    const second = createAgentModule()
    reducer.inject(second, { overrideExisting: true })
    dynamic.addMiddleware(second.middleware)
    const next = second.start(store)
    expect(second.selectors.selectSessions(store.getState() as never)).toEqual([])
    const session = await next.orchestrator(WRITER).open()
    store.dispatch(second.actions.cancelSession({ sessionId: session.id, detail: undefined }))
    expect(session.status).toBe('cancelled')
  })

  it('says that it is being opened [EMB-9]', async () => {
    const agents = createAgentModule({ log: createMemoryLog() })
    const store = configureStore({
      reducer: { agents: agents.reducer },
      middleware: (defaults) => defaults(agents.devChecks).concat(agents.middleware),
    })
    const opening = agents.open(store)
    expect(() => agents.start(store)).toThrow("module 'agents' is being opened: await open(store)")
    const runtime = await opening
    expect(agents.start(store)).toBe(runtime)
  })

  it('needs a store [EMB-7]', () => {
    expect(() => createAgentModule().start(undefined as never)).toThrow('store must be a store')
  })

  it('is not begun while DevTools shows the past [EMB-3]', () => {
    const devTools = createDevTools()
    const agents = createAgentModule()
    const store = configureStore({
      reducer: { agents: agents.reducer },
      middleware: (defaults) => defaults(agents.devChecks).concat(agents.middleware),
      enhancers: (defaults) => defaults().concat(devTools.enhancer),
    })
    expect(agents.start(store).goLive()).toBe(true)
    devTools.jumpTo('@@INIT')
    expect(agents.start(store).isLive()).toBe(true)
    agents.start(store).registerPricing('your-model', { inputPerMillion: 3, outputPerMillion: 15 })
    expect(agents.start(store).goLive()).toBe(false)
    devTools.jumpToLast()
    expect(agents.start(store).isLive()).toBe(true)
  })

  it('takes an action of the name of a fact for none, unless it was recorded [EMB-2]', () => {
    const isOpened = createAgentModule().matching(facts.sessionOpened)
    expect(isOpened({ type: 'agents/sessions/opened' })).toBe(false)
  })
})
