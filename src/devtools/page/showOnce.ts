import { UPDATE_STATE } from '@redux-devtools/app'
import type { Middleware } from '@reduxjs/toolkit'

interface UpdateState {
  readonly type: typeof UPDATE_STATE
  readonly request?: object
}

/**
 * Lets what a program says through once. The UI listens once more each time that it is connected again, and would list every action
 * as often.
 */
export const showOnce: Middleware = () => {
  const shown = new WeakSet()
  return (next) => (action) => {
    if (!isUpdate(action) || !action.request) return next(action)
    if (shown.has(action.request)) return action
    shown.add(action.request)
    return next(action)
  }
}

function isUpdate(action: unknown): action is UpdateState {
  return (action as { readonly type: string }).type === UPDATE_STATE
}
