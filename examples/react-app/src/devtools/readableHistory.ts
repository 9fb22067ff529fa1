import type { LiftedState } from '@redux-devtools/core'
import { devToolsOptions } from 'redux-agent-runtime'
import { AGENTS } from '../host/agentFacts.js'

type History = LiftedState<unknown, { type: string }, unknown>
type ActionEntry = History['actionsById'][number]
type StateEntry = History['computedStates'][number]

const { actionSanitizer, stateSanitizer } = devToolsOptions({ reducerPath: AGENTS })

/** Of entries that stay the same, so that a new action costs what is new. */
const readableAction = remember((entry: ActionEntry): ActionEntry => ({
  ...entry,
  action: actionSanitizer(entry.action),
}))
const readableState = remember((entry: StateEntry): StateEntry => ({ ...entry, state: stateSanitizer(entry.state) }))

export function readableStates(states: History['computedStates']): History['computedStates'] {
  return states.map(readableState)
}

export function readableActions(actionsById: History['actionsById'], ids: readonly number[]): History['actionsById'] {
  return Object.fromEntries(
    ids.flatMap((id) => {
      const entry = actionsById[id]
      return entry ? [[id, readableAction(entry)] as const] : []
    }),
  )
}

function remember<Key extends object, Value>(read: (key: Key) => Value): (key: Key) => Value {
  const known = new WeakMap<Key, Value>()
  return (key) => {
    const value = known.get(key) ?? read(key)
    known.set(key, value)
    return value
  }
}
