import type { Action } from '@reduxjs/toolkit'
import { isPlainObject } from '../../slices/rules/json.js'
import type { History } from './history.js'
import type { Message } from './messages.js'

/** A history as a file holds it. */
export interface Transfer {
  readonly actions: readonly Action[]
  /** Before the first action. `undefined`: the one that the reducer begins with. */
  readonly committedState: unknown
}

/** The whole truth, not what the page shows of it: it can be imported again. */
export function exportOf({ stagedActionIds, actionsById, committedState }: History): Message {
  const actions = stagedActionIds.slice(1).map((id) => actionsById[id]?.action)
  return { type: 'EXPORT', payload: JSON.stringify(actions), committedState: JSON.stringify(committedState) }
}

/**
 * Reads what a page or the DevTools extension exported, and facts as `redux-agent-runtime export` writes them, a line each.
 *
 * @throws {Error} It is something else.
 */
export function transferOf(text: string): Transfer {
  const parsed = parseJson(text)
  if (parsed === undefined)
    return { actions: actionsOf(text.trim().split('\n').map(parseJson)), committedState: undefined }
  if (Array.isArray(parsed)) return { actions: actionsOf(parsed), committedState: undefined }
  if (!isPlainObject(parsed)) throw new Error(NO_HISTORY)
  const { payload, preloadedState, stagedActionIds, actionsById, committedState } = parsed
  if (typeof payload === 'string') {
    return { actions: actionsOf(parseJson(payload)), committedState: parseJson(preloadedState) }
  }
  if (Array.isArray(stagedActionIds) && isPlainObject(actionsById)) {
    const performed = stagedActionIds.slice(1).map((id) => actionsById[String(id)])
    return { actions: actionsOf(performed.map((lifted) => isPlainObject(lifted) && lifted['action'])), committedState }
  }
  return { actions: actionsOf([parsed]), committedState: undefined }
}

const NO_HISTORY = 'the file holds no history of actions'

function actionsOf(values: unknown): readonly Action[] {
  if (!Array.isArray(values) || values.length === 0 || !values.every(isAction)) throw new Error(NO_HISTORY)
  return values
}

function isAction(value: unknown): value is Action {
  return isPlainObject(value) && typeof value['type'] === 'string'
}

function parseJson(text: unknown): unknown {
  if (typeof text !== 'string') return undefined
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
