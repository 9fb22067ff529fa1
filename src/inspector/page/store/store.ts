import { configureStore } from '@reduxjs/toolkit'
import { useDispatch, useSelector } from 'react-redux'
import { readAddress, writeAddress } from './address.js'
import { addressRead, view, type View } from './view.js'

/** The logs themselves are beside the store: they never change, and there is a lot of them. */
export function createPageStore(preloaded: View) {
  return configureStore({ reducer: { view: view.reducer }, preloadedState: { view: preloaded } })
}

export type PageStore = ReturnType<typeof createPageStore>
export type PageState = ReturnType<PageStore['getState']>

export const usePageDispatch = useDispatch.withTypes<PageStore['dispatch']>()
const usePageSelector = useSelector.withTypes<PageState>()
export const useView = (): View => usePageSelector((state) => state.view)

/** Keeps the view in the address, so that it can be reloaded, linked to and gone back to. Returns how to stop that. */
export function followAddress(store: PageStore, page: Window): () => void {
  const stop = new AbortController()
  const { location, history } = page
  page.addEventListener('hashchange', () => store.dispatch(addressRead(readAddress(location.hash))), stop)
  const unsubscribe = store.subscribe(() => {
    const address = writeAddress(store.getState().view, location.hash)
    if (address !== location.hash) history.replaceState(null, '', address)
  })
  return () => {
    stop.abort()
    unsubscribe()
  }
}
