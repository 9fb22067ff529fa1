import { combineReducers, configureStore, type Middleware, type UnknownAction } from '@reduxjs/toolkit'
import { describe, expect, it } from 'vitest'
import { createAgentModule, facts, replay } from '../../src/index.js'
import { createManualClock, settle } from '../../src/testing/index.js'
import { notes, storeWith, WRITER } from '../support/hosts.js'
import { deferred, DRAFT } from '../support/runtime.js'

/** A host that resets its whole store when somebody logs out. */
function resettable() {
  const agents = createAgentModule()
  const parts = combineReducers({ notes: notes.reducer, agents: agents.reducer })
  const store = configureStore({
    reducer: (state: ReturnType<typeof parts> | undefined, action) =>
      parts(action.type === 'loggedOut' ? undefined : state, action),
    middleware: (defaults) => defaults(agents.devChecks).concat(agents.middleware),
  })
  return { store, runtime: agents.start(store) }
}

const quiet = { onWarning: () => undefined }

describe('a module in a host that misbehaves', () => {
  it('has its state back at once when the host resets the whole store [EMB-10]', async () => {
    const { store, runtime } = resettable()
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

  it('has its state back also when a subscriber throws at the reset [EMB-10]', async () => {
    const { store, runtime } = resettable()
    await runtime.orchestrator(WRITER).session(() => 1)
    const stop = store.subscribe(() => {
      stop()
      throw new Error('logged out')
    })
    expect(() => store.dispatch({ type: 'loggedOut' })).toThrow('logged out')
    expect(runtime.isLive()).toBe(true)
  })

  it('starts behind a middleware that copies actions, and stays live [EMB-7]', async () => {
    const agents = createAgentModule(quiet)
    const copy: Middleware = () => (next) => (action) => next({ ...(action as UnknownAction), seen: true })
    const store = configureStore({
      reducer: { agents: agents.reducer },
      middleware: (defaults) => defaults(agents.devChecks).concat(copy, agents.middleware),
    })
    const runtime = agents.start(store)
    await runtime.orchestrator(WRITER).session((session) => session.runTurn(() => 'text', DRAFT))
    expect(runtime.isLive()).toBe(true)
    expect(store.getState().agents).toEqual(replay(runtime.log.facts()))
  })

  it('takes a fact in once that a middleware hands on late [EMB-11]', async () => {
    const agents = createAgentModule(quiet)
    const isTurnStarted = agents.matching(facts.turnStarted)
    const late: (() => void)[] = []
    const store = storeWith(agents, () => (next) => (action) => {
      if (!isTurnStarted(action as UnknownAction)) return next(action)
      late.push(() => next(action))
      return action
    })
    const runtime = agents.start(store)
    await runtime.orchestrator(WRITER).session((session) => session.runTurn(() => 'text', DRAFT))
    for (const handOn of late) handOn()
    expect(late).toHaveLength(1)
    expect(runtime.isLive()).toBe(true)
    expect(store.getState().agents).toEqual(replay(runtime.log.facts()))
  })

  it('drains when its last session has ended, also when a middleware drops that fact [EMB-11]', async () => {
    const agents = createAgentModule({ ...quiet, clock: createManualClock() })
    let drops = false
    const store = storeWith(agents, () => (next) => (action) => (drops ? action : next(action)))
    const runtime = agents.start(store)
    const answer = deferred<string>()
    const running = runtime.orchestrator(WRITER).session((session) => session.runTurn(() => answer.promise, DRAFT))
    await settle()
    drops = true
    const drained = runtime.drain()
    answer.resolve('text')
    await running
    expect(await drained).toEqual({ finished: 1, parked: [] })
  })

  it('loses no fact that a reducer of the host makes it record [EMB-11]', async () => {
    const agents = createAgentModule(quiet)
    let cancel: () => void = () => undefined
    const store = configureStore({
      reducer: {
        agents: agents.reducer,
        impure: (state = 0, { type }: UnknownAction) => {
          if (type === 'cancelled') cancel()
          return state
        },
      },
      middleware: (defaults) => defaults(agents.devChecks).concat(agents.middleware),
    })
    const runtime = agents.start(store)
    const session = await runtime.orchestrator(WRITER).open()
    cancel = () => runtime.cancelSession(session.id)
    store.dispatch({ type: 'cancelled' })
    expect(session.status).toBe('cancelled')
    expect(await runtime.orchestrator(WRITER).session(() => 'goes on')).toBe('goes on')
    expect(store.getState().agents).toEqual(replay(runtime.log.facts()))
  })
})
