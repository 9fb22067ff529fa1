import { ActionCreators, type LiftedAction } from '@redux-devtools/instrument'
import type { Action } from '@reduxjs/toolkit'
import { isPlainObject } from '../../slices/rules/json.js'
import type { History } from './history.js'

type Steering = LiftedAction<unknown, Action, null>

/**
 * What a page wants done to a history, when that is possible. Anything else would leave the program without a state: what the page shows
 * may be older than the history.
 */
export function steeringOf(wanted: unknown, history: History): Steering | undefined {
  if (!isPlainObject(wanted)) return undefined
  const { stagedActionIds } = history
  const [, ...performedIds] = stagedActionIds
  switch (wanted['type']) {
    case 'JUMP_TO_STATE':
      return isIndex(wanted['index'], stagedActionIds.length) ? ActionCreators.jumpToState(wanted['index']) : undefined
    case 'JUMP_TO_ACTION':
      return isOneOf(stagedActionIds, wanted['actionId']) ? ActionCreators.jumpToAction(wanted['actionId']) : undefined
    case 'TOGGLE_ACTION':
      return isOneOf(performedIds, wanted['id']) ? ActionCreators.toggleAction(wanted['id']) : undefined
    case 'SET_ACTIONS_ACTIVE': {
      const { start, end, active } = wanted
      if (!isOneOf(performedIds, start) || typeof end !== 'number') return undefined
      return ActionCreators.setActionsActive(start, Math.min(end, history.nextActionId), active === true)
    }
    case 'REORDER_ACTION': {
      const { actionId, beforeActionId } = wanted
      if (!isOneOf(performedIds, actionId) || typeof beforeActionId !== 'number') return undefined
      return ActionCreators.reorderAction(actionId, beforeActionId)
    }
    case 'LOCK_CHANGES':
      return ActionCreators.lockChanges(wanted['status'] === true)
    case 'PAUSE_RECORDING':
      return ActionCreators.pauseRecording(wanted['status'] === true)
    case 'SWEEP':
      return ActionCreators.sweep()
    case 'COMMIT':
      return ActionCreators.commit()
    case 'ROLLBACK':
      return ActionCreators.rollback()
    case 'RESET':
      return ActionCreators.reset()
    default:
      return undefined
  }
}

function isIndex(value: unknown, length: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < length
}

function isOneOf(ids: readonly number[], id: unknown): id is number {
  return (ids as readonly unknown[]).includes(id)
}
