import { EMIT, SUBSCRIBE_REQUEST, UPDATE_STATE } from '@redux-devtools/app'
import type { Middleware } from 'redux'

interface SubscribeRequest {
  readonly type: typeof SUBSCRIBE_REQUEST
  readonly channel: string
  readonly subscription: string
}

/**
 * Subscribes once to each channel. The socket renews its subscriptions by itself when it is connected again, and the UI would subscribe
 * a second time: every action would be listed twice.
 */
export const subscribeOnce: Middleware = ({ dispatch }) => {
  const subscribed = new Set<string>()
  return (next) => (action) => {
    if (!isSubscribeRequest(action)) return next(action)
    if (!subscribed.has(action.channel)) {
      subscribed.add(action.channel)
      return next(action)
    }
    return action.subscription === UPDATE_STATE ? dispatch({ type: EMIT, message: 'START' }) : action
  }
}

function isSubscribeRequest(action: unknown): action is SubscribeRequest {
  return (action as { readonly type: string }).type === SUBSCRIBE_REQUEST
}
