import { configureStore } from '@reduxjs/toolkit'
import { devToolsEnhancer } from '@redux-devtools/remote'
import { expect, it, vi } from 'vitest'
import { startRelay } from './stage.js'

it('serves programs that are connected with @redux-devtools/remote: they jump too [DEVN-13]', async () => {
  // That library tells on the console that it is connected.
  vi.spyOn(console, 'log').mockImplementation(() => undefined)
  const relay = await startRelay()
  const page = await relay.openPage()
  const enhancer = devToolsEnhancer({ realtime: true, hostname: '127.0.0.1', port: relay.port })
  const reducer = (count: number | undefined, { type }: { type: string }) => (count ?? 0) + (type === 'added' ? 1 : 0)
  const store = configureStore({
    reducer,
    enhancers: (defaults) => defaults().concat(enhancer),
  })
  store.dispatch({ type: 'added' })
  const first = await page.next('STATE')
  expect(page.shown(first).computedStates).toHaveLength(2)
  const changed = new Promise<void>((resolve) => store.subscribe(resolve))
  page.say(first, { type: 'DISPATCH', action: { type: 'JUMP_TO_STATE', index: 0 } })
  await changed
  expect(store.getState()).toBe(0)
  await relay.close()
})
