import type { LiftedState } from '@redux-devtools/core'
import { InspectorMonitor } from '@redux-devtools/inspector-monitor'
import { SliderMonitor } from '@redux-devtools/slider-monitor'
import { useMemo, type ComponentProps } from 'react'
import { readableActions, readableStates } from './readableHistory.js'

type History = LiftedState<unknown, { type: string }, unknown>
type Dispatch = ComponentProps<typeof InspectorMonitor>['dispatch']

/** One monitor made of two, which see readable actions and states instead of those of the store. */
export function Monitors(props: Partial<History>) {
  // Redux DevTools gives a monitor its history and a dispatch function; its types have the element without them.
  const history = props as History & { readonly dispatch: Dispatch }
  const { computedStates, actionsById, stagedActionIds } = history
  const states = useMemo(() => readableStates(computedStates), [computedStates])
  // The record of actions is changed in place; the list of their ids is not.
  const actions = useMemo(() => readableActions(actionsById, stagedActionIds), [actionsById, stagedActionIds])
  const readable = { ...history, computedStates: states, actionsById: actions }
  return (
    <div className="monitors">
      <div className="inspector">
        <InspectorMonitor {...readable} theme="nicinabox" invertTheme={false} supportImmutable={false} />
      </div>
      <div className="slider">
        <SliderMonitor {...readable} hideResetButton />
      </div>
    </div>
  )
}

/** The slider keeps nothing. */
Monitors.update = InspectorMonitor.update
