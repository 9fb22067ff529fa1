import { createContext, useContext, useEffect, useState, useSyncExternalStore } from 'react'
import { useDispatch, useSelector } from 'react-redux'
import type { App } from './createApp.js'
import type { AppStore, RootState } from './createStore.js'
import type { Value } from './value.js'

export const AppContext = createContext<App | null>(null)

export function useApp(): App {
  const app = useContext(AppContext)
  if (!app) throw new Error('there is no AppContext')
  return app
}

export const useAppSelector = useSelector.withTypes<RootState>()
export const useAppDispatch = useDispatch.withTypes<AppStore['dispatch']>()

/** Whether the store shows the state of the log. While it does not, nobody decides anything. */
export function useIsLive(): boolean {
  const { runtime } = useApp()
  return useSyncExternalStore(runtime.subscribe, runtime.isLive)
}

export function useValue<T>({ subscribe, get }: Value<T>): T {
  return useSyncExternalStore(subscribe, get)
}

/** Unix ms, every second. */
export function useNow(): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000)
    return () => clearInterval(timer)
  }, [])
  return now
}
