import { createAction } from '@reduxjs/toolkit'
import { isFact, type Fact } from 'redux-agent-runtime'

/** Where the agents are in the state of this app. Their actions begin with it. */
export const AGENTS = 'agents'

const PREFIX = `${AGENTS}/`

/** What the log has told before this page was opened, or before somebody imported another history. */
export const historyRead = createAction<readonly Fact[]>('history/read')

type AddFact<State> = (state: State, fact: Fact) => State

/** A reducer of this app over the facts of the agents, those of earlier pages included. */
export function createFactReducer<State>(initial: State, add: AddFact<State>) {
  return (state: State = initial, action: { readonly type: string }): State => {
    if (historyRead.match(action)) return action.payload.reduce(add, initial)
    if (!action.type.startsWith(PREFIX)) return state
    const fact = { ...action, type: action.type.slice(PREFIX.length) }
    return isFact(fact) ? add(state, fact) : state
  }
}
