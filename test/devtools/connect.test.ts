import { configureStore, createSlice, type PayloadAction } from '@reduxjs/toolkit'
import { describe, expect, it } from 'vitest'
import type { ConnectDevToolsOptions } from '../../src/devtools/options.js'
import { connectTo, startRelay } from './stage.js'

const counter = createSlice({
  name: 'counter',
  initialState: { count: 0 },
  reducers: { added: (state, { payload }: PayloadAction<number>) => void (state.count += payload) },
})
const { added } = counter.actions

/** A program with a store that counts, and a page that looks at it. */
async function observe(options: ConnectDevToolsOptions = {}, before: readonly number[] = []) {
  const relay = await startRelay()
  const { enhancer, clock } = connectTo(relay.port, options)
  const store = configureStore({
    reducer: counter.reducer,
    enhancers: (defaults) => defaults({ autoBatch: false }).concat(enhancer),
  })
  for (const amount of before) store.dispatch(added(amount))
  const page = await relay.openPage()
  const first = await page.next('STATE')
  return {
    relay,
    store,
    page,
    first,
    clock,
    enhancer,
    steer: (action: object) => page.say(first, { type: 'DISPATCH', action }),
  }
}

/** Resolves when the store has changed. */
function changeOf(store: { subscribe(listener: () => void): () => void }): Promise<void> {
  return new Promise((resolve) => {
    const stop = store.subscribe(() => {
      stop()
      resolve()
    })
  })
}

describe('a program in DevTools', () => {
  it('shows what happened before the page was there, by the names and states of the sanitizers [DEVN-5, DEVN-6]', async () => {
    const { page, first } = await observe(
      {
        name: 'a counter',
        stateSanitizer: ({ count }: { count: number }) => ({ sum: count }),
        actionSanitizer: ({ type, payload }: { type: string; payload?: number }) => ({ type: `${type} of ${payload}` }),
      },
      [1, 2],
    )
    const shown = page.shown(first)
    expect(first).toMatchObject({ name: 'a counter', libConfig: { name: 'a counter' } })
    expect(shown.stagedActionIds.map((id) => shown.actionsById[id]?.action.type).slice(1)).toEqual([
      'counter/added of 1',
      'counter/added of 2',
    ])
    expect(shown.computedStates.map(({ state }) => state)).toEqual([{ sum: 0 }, { sum: 1 }, { sum: 3 }])
  })

  it('shows what happens from then on, one action after the other [DEVN-5]', async () => {
    const { store, page } = await observe({}, [1])
    store.dispatch(added(2))
    store.dispatch(added(3))
    const [second, third] = [await page.next('ACTION'), await page.next('ACTION')]
    expect([second, third].map(({ nextActionId, payload }) => [nextActionId, payload])).toEqual([
      [3, '{"count":3}'],
      [4, '{"count":6}'],
    ])
    expect(JSON.parse(String(third['action']))).toMatchObject({ type: 'PERFORM_ACTION', action: added(3) })
    expect(third['liftedState']).toMatchObject({ currentStateIndex: 3 })
  })

  it('appears in a page that was there first [DEVN-5]', async () => {
    const relay = await startRelay()
    const page = await relay.openPage()
    const { enhancer } = connectTo(relay.port)
    configureStore({ reducer: counter.reducer, enhancers: (defaults) => defaults().concat(enhancer) })
    expect(await page.next('STATE')).toMatchObject({ name: 'the program' })
  })

  it('keeps the last actions only, and says so [DEVN-5]', async () => {
    const { store, page, first } = await observe({ maxAge: 3 }, [1, 2, 3, 4])
    expect(page.shown(first).computedStates.map(({ state }) => state)).toEqual([
      { count: 3 },
      { count: 6 },
      { count: 10 },
    ])
    store.dispatch(added(5))
    expect(await page.next('ACTION')).toMatchObject({ maxAge: 3, payload: '{"count":15}' })
  })

  it('jumps to an action and to a state [DEVN-7]', async () => {
    const { store, page, steer } = await observe({}, [1, 2, 3])
    steer({ type: 'JUMP_TO_ACTION', actionId: 1 })
    expect(await page.next('LIFTED')).toMatchObject({ liftedState: { currentStateIndex: 1 } })
    expect(store.getState()).toEqual({ count: 1 })
    steer({ type: 'JUMP_TO_STATE', index: 3 })
    await changeOf(store)
    expect(store.getState()).toEqual({ count: 6 })
  })

  it('skips actions, sweeps them, and changes their order [DEVN-7]', async () => {
    const { store, page, steer } = await observe({}, [1, 2, 3])
    steer({ type: 'TOGGLE_ACTION', id: 2 })
    expect(page.shown(await page.next('STATE')).skippedActionIds).toEqual([2])
    expect(store.getState()).toEqual({ count: 4 })
    steer({ type: 'REORDER_ACTION', actionId: 3, beforeActionId: 1 })
    expect(page.shown(await page.next('STATE')).stagedActionIds).toEqual([0, 3, 1, 2])
    steer({ type: 'SWEEP' })
    expect(page.shown(await page.next('STATE')).stagedActionIds).toEqual([0, 3, 1])
    steer({ type: 'SET_ACTIONS_ACTIVE', start: 1, end: 2, active: false })
    expect(page.shown(await page.next('STATE')).skippedActionIds).toEqual([1])
    expect(store.getState()).toEqual({ count: 3 })
  })

  it('commits, reverts and resets [DEVN-7]', async () => {
    const { store, page, steer } = await observe({}, [1, 2])
    steer({ type: 'COMMIT' })
    expect(page.shown(await page.next('STATE')).stagedActionIds).toEqual([0])
    store.dispatch(added(4))
    await page.next('ACTION')
    steer({ type: 'ROLLBACK' })
    await page.next('STATE')
    expect(store.getState()).toEqual({ count: 3 })
    steer({ type: 'RESET' })
    await page.next('STATE')
    expect(store.getState()).toEqual({ count: 0 })
  })

  it('is locked and paused [DEVN-7]', async () => {
    const { store, page, steer } = await observe()
    steer({ type: 'LOCK_CHANGES', status: true })
    expect(await page.next('LIFTED')).toMatchObject({ liftedState: { isLocked: true } })
    store.dispatch(added(1))
    expect(store.getState()).toEqual({ count: 0 })
    steer({ type: 'LOCK_CHANGES', status: false })
    await page.next('LIFTED')
    store.dispatch(added(1))
    await page.next('ACTION')
    steer({ type: 'PAUSE_RECORDING', status: true })
    expect(await page.next('ACTION')).toMatchObject({ liftedState: { isPaused: true } })
    store.dispatch(added(1))
    expect(page.shown(await page.next('STATE')).computedStates.at(-1)).toEqual({ state: { count: 2 } })
    expect(store.getState()).toEqual({ count: 2 })
  })

  it.each([
    { type: 'JUMP_TO_STATE', index: 9 },
    { type: 'JUMP_TO_STATE', index: -1 },
    { type: 'JUMP_TO_ACTION', actionId: 7 },
    { type: 'TOGGLE_ACTION', id: 0 },
    { type: 'TOGGLE_ACTION', id: 'x' },
    { type: 'SET_ACTIONS_ACTIVE', start: 0, end: 2, active: false },
    { type: 'REORDER_ACTION', actionId: 9, beforeActionId: 1 },
    { type: 'PERFORM_ACTION', action: added(5), timestamp: 0 },
    { type: 'IMPORT_STATE', nextLiftedState: null },
    'JUMP',
  ])('answers %j, which is not possible, with what is there [DEVN-8]', async (wanted) => {
    const { store, page, first, steer } = await observe({}, [1])
    steer(wanted as object)
    expect((await page.next('STATE'))['payload']).toBe(first['payload'])
    expect(store.getState()).toEqual({ count: 1 })
  })

  it('does not listen to what is meant for another store [DEVN-8]', async () => {
    const { store, page, first, steer } = await observe({}, [1, 2])
    page.say({ ...first, instanceId: 'another' }, { type: 'DISPATCH', action: { type: 'RESET' } })
    steer({ type: 'JUMP_TO_STATE', index: 1 })
    await page.next('LIFTED')
    expect(store.getState()).toEqual({ count: 1 })
  })

  it('exports the truth, and imports it again [DEVN-9]', async () => {
    const sanitizers = { stateSanitizer: () => 'hidden', actionSanitizer: () => ({ type: 'hidden' }) }
    const source = await observe({ ...sanitizers, maxAge: 3 }, [1, 2, 3])
    source.page.say(source.first, { type: 'EXPORT' })
    const { payload, committedState } = await source.page.next('EXPORT')
    expect(JSON.parse(String(payload))).toEqual([added(2), added(3)])
    const file = JSON.stringify({ payload, preloadedState: committedState })
    const { store, page, first } = await observe({}, [100])
    page.say(first, { type: 'IMPORT', state: file })
    const imported = page.shown(await page.next('STATE'))
    expect(imported.computedStates.map(({ state }) => state)).toEqual([{ count: 1 }, { count: 3 }, { count: 6 }])
    expect(store.getState()).toEqual({ count: 6 })
  })

  it('folds what is imported beyond maxAge into the state that it begins with [DEVN-9]', async () => {
    const { page, first, store } = await observe({ maxAge: 3 })
    page.say(first, { type: 'IMPORT', state: [1, 2, 3, 4].map((amount) => JSON.stringify(added(amount))).join('\n') })
    const imported = page.shown(await page.next('STATE'))
    expect(imported.computedStates.map(({ state }) => state)).toEqual([{ count: 3 }, { count: 6 }, { count: 10 }])
    expect(store.getState()).toEqual({ count: 10 })
  })

  it.each(['', 'x', '1', '[]', '[1]', '{"payload":"{}"}', '{"stagedActionIds":[0,1],"actionsById":{}}'])(
    'tells the page that %j is no history, and stays as it is [DEVN-9]',
    async (state) => {
      const { store, page, first } = await observe({}, [1])
      page.say(first, { type: 'IMPORT', state })
      expect(await page.next('ERROR')).toMatchObject({ payload: 'the file holds no history of actions' })
      expect(store.getState()).toEqual({ count: 1 })
    },
  )

  it('dispatches what is written in the page where the program says how, and nowhere else [DEVN-10]', async () => {
    const dispatched: unknown[] = []
    const { page, first } = await observe({ dispatch: (action) => dispatched.push(action) })
    expect(first).toMatchObject({ libConfig: { features: { dispatch: true } } })
    page.say(first, { type: 'ACTION', action: '{"type":"agents/goLive"}' })
    page.say(first, { type: 'ACTION', action: 'process.exit()' })
    await page.next('ERROR')
    page.say(first, { type: 'ACTION', action: '{}' })
    expect(await page.next('ERROR')).toMatchObject({ payload: 'an action needs a type' })
    expect(dispatched).toEqual([{ type: 'agents/goLive' }])

    const without = await observe()
    expect(without.first).toMatchObject({ libConfig: { features: { dispatch: false } } })
    without.page.say(without.first, { type: 'ACTION', action: '{"type":"a"}' })
    expect(await without.page.next('ERROR')).toMatchObject({
      payload: 'connectDevTools({ dispatch }) is needed to dispatch actions from here',
    })
  })

  it('tells the page what cannot be shown, and works on [DEVN-4]', async () => {
    const { store, page } = await observe({
      stateSanitizer: ({ count }: { count: number }) => {
        if (count === 1) throw new Error('no state for 1')
        return { count, big: 1n }
      },
    })
    store.dispatch(added(1))
    expect(await page.next('ERROR')).toMatchObject({ payload: 'no state for 1' })
    store.dispatch(added(1))
    expect(await page.next('ACTION')).toMatchObject({ payload: '{"count":2,"big":"1n"}' })
  })
})

describe('the connection of a program', () => {
  it('sends nothing while no page is open [DEVN-3]', async () => {
    const { relay, store, page } = await observe()
    await page.leave()
    store.dispatch(added(1))
    const later = await relay.openPage()
    expect(later.shown(await later.next('STATE')).computedStates).toHaveLength(2)
    expect(page.heard).toEqual([])
    expect(later.heard).toEqual([])
  })

  it('goes on as if nobody had looked when the last page is closed [DEVN-11]', async () => {
    const { relay, store, page, steer } = await observe({}, [1, 2, 3])
    const other = await relay.openPage()
    await other.next('STATE')
    await page.next('STATE')
    steer({ type: 'TOGGLE_ACTION', id: 3 })
    await page.next('STATE')
    steer({ type: 'JUMP_TO_STATE', index: 1 })
    await page.next('LIFTED')
    await other.leave()
    steer({ type: 'LOCK_CHANGES', status: true })
    await page.next('LIFTED')
    expect(store.getState()).toEqual({ count: 1 })
    const isLive = new Promise<void>((resolve) => {
      store.subscribe(() => {
        if (store.getState().count === 6) resolve()
      })
    })
    await page.leave()
    await isLive
    store.dispatch(added(1))
    expect(store.getState()).toEqual({ count: 7 })
  })

  it('is tried again until there is a relay, later and later [DEVN-2]', async () => {
    const { port, close } = await startRelay()
    await close()
    const { enhancer, clock, delays } = connectTo(port)
    const store = configureStore({ reducer: counter.reducer, enhancers: (defaults) => defaults().concat(enhancer) })
    store.dispatch(added(1))
    expect(store.getState()).toEqual({ count: 1 })
    for (const delayMs of [500, 1_000, 2_000, 4_000, 8_000, 10_000]) {
      await timerOf(clock)
      await clock.advance(delayMs)
    }
    await timerOf(clock)
    expect(delays).toEqual([500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000])
    const page = await (await startRelay(port)).openPage()
    await clock.advance(10_000)
    expect(page.shown(await page.next('STATE')).computedStates).toHaveLength(2)
  })

  it('is renewed when the relay was started again [DEVN-2]', async () => {
    const { relay, clock, store } = await observe({}, [1, 2])
    await relay.close()
    await timerOf(clock)
    store.dispatch(added(3))
    const page = await (await startRelay(relay.port)).openPage()
    await clock.advance(500)
    expect(page.shown(await page.next('STATE')).computedStates).toHaveLength(4)
  })

  it('ends for good by disconnect [DEVN-2]', async () => {
    const { store, page, first, enhancer, clock } = await observe({}, [1])
    enhancer.disconnect()
    expect(await page.next('DISCONNECTED')).toEqual({ type: 'DISCONNECTED', id: first['id'] })
    store.dispatch(added(1))
    expect(store.getState()).toEqual({ count: 2 })
    expect(clock.pendingTimers).toBe(0)
  })
})

/** Resolves when the connection waits for its next attempt. */
async function timerOf(clock: { readonly pendingTimers: number }): Promise<void> {
  while (clock.pendingTimers === 0) await new Promise((resolve) => setImmediate(resolve))
}
