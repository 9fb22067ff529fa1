import { ActionCreators, instrument, type EnhancedStore, type LiftedState } from '@redux-devtools/instrument'
import type { Action, StoreEnhancer } from 'redux'

type Lifted = LiftedState<unknown, Action, unknown>

/** The lifted store of Redux DevTools, without a panel. */
export interface DevTools {
  readonly enhancer: StoreEnhancer
  /** The types of the actions, the first of which is that of the store's own beginning. */
  types(): readonly string[]
  jumpTo(type: string): void
  jumpToLast(): void
  /** To the action of this number, counted from 0 and around. */
  jumpToNumber(index: number): void
  /** Leaves an action out, or takes it in again. */
  toggle(type: string): void
  /** The same by its number. The store's own beginning cannot be left out. */
  toggleNumber(index: number): void
  takeAllIn(): void
  lockChanges(isLocked: boolean): void
  pauseRecording(isPaused: boolean): void
  /** Makes what is shown the beginning of the history. */
  commit(): void
  /** Goes back to the beginning of the history. */
  rollback(): void
  /** Forgets the actions that are left out. */
  sweep(): void
  reset(): void
  exportHistory(): Lifted
  importHistory(history: Lifted): void
}

export function createDevTools(): DevTools {
  let store: EnhancedStore<unknown, Action, unknown> | undefined
  const lifted = () => {
    if (!store) throw new Error('the enhancer is in no store')
    return store.liftedStore
  }
  const enhancer: StoreEnhancer = (createStore) => (reducer, preloaded) => {
    const instrumented = instrument()(createStore as never)(reducer as never, preloaded as never)
    store = instrumented as never
    return instrumented as never
  }
  const types = (): readonly string[] => {
    const { stagedActionIds, actionsById } = lifted().getState()
    return stagedActionIds.map((id) => actionsById[id]!.action.type)
  }
  const idOf = (type: string): number => lifted().getState().stagedActionIds[types().indexOf(type)]!
  return {
    enhancer,
    types,
    jumpTo: (type) => void lifted().dispatch(ActionCreators.jumpToAction(idOf(type))),
    jumpToLast: () => void lifted().dispatch(ActionCreators.jumpToState(types().length - 1)),
    jumpToNumber: (index) => void lifted().dispatch(ActionCreators.jumpToState(index % types().length)),
    toggle: (type) => void lifted().dispatch(ActionCreators.toggleAction(idOf(type))),
    toggleNumber(index) {
      const ids = lifted().getState().stagedActionIds.slice(1)
      const id = ids[index % Math.max(1, ids.length)]
      if (id !== undefined) lifted().dispatch(ActionCreators.toggleAction(id))
    },
    takeAllIn() {
      for (const id of lifted().getState().skippedActionIds) lifted().dispatch(ActionCreators.toggleAction(id))
    },
    lockChanges: (isLocked) => void lifted().dispatch(ActionCreators.lockChanges(isLocked)),
    pauseRecording: (isPaused) => void lifted().dispatch(ActionCreators.pauseRecording(isPaused)),
    commit: () => void lifted().dispatch(ActionCreators.commit()),
    rollback: () => void lifted().dispatch(ActionCreators.rollback()),
    sweep: () => void lifted().dispatch(ActionCreators.sweep()),
    reset: () => void lifted().dispatch(ActionCreators.reset()),
    exportHistory: () => JSON.parse(JSON.stringify(lifted().getState())) as Lifted,
    importHistory: (history) => void lifted().dispatch(ActionCreators.importState(history as never)),
  }
}
