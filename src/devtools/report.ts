import { appendedIds } from './appended.js'
import type { History } from './history.js'
import type { Message } from './messages.js'

/** How things are shown. What they are shown of stays as it is. */
export interface Sanitizers {
  readonly stateSanitizer: (state: unknown, index: number) => unknown
  readonly actionSanitizer: (action: { readonly type: string }, id: number) => unknown
}

interface ReportOptions extends Sanitizers {
  readonly maxAge: number
}

/**
 * What a page must be told to show `after`.
 *
 * @param before - What it shows. `undefined`: nothing yet.
 */
export function reportOf(before: History | undefined, after: History, options: ReportOptions): readonly Message[] {
  if (before === after) return []
  const ids = before && appendedIds(before, after)
  // Whoever keeps nothing of what is shown does better to begin anew.
  if (!ids || ids.length >= options.maxAge - 1) return [wholeOf(after, options)]
  const liftedState = positionOf(after)
  if (ids.length === 0) return [{ type: 'LIFTED', liftedState }]
  return ids.map((id, nth) => ({
    ...continuationOf(after, id, options),
    ...(nth === ids.length - 1 && { liftedState }),
  }))
}

function positionOf({ currentStateIndex, isLocked, isPaused }: History) {
  return { currentStateIndex, isLocked, isPaused }
}

function continuationOf(
  history: History,
  id: number,
  { stateSanitizer, actionSanitizer, maxAge }: ReportOptions,
): Message {
  const index = history.stagedActionIds.indexOf(id)
  const performed = history.actionsById[id]
  if (!performed) throw new Error(`action ${id} is not known`)
  return {
    type: 'ACTION',
    nextActionId: id + 1,
    maxAge,
    action: textOf({ ...performed, action: actionSanitizer(performed.action, id) }),
    payload: textOf(stateSanitizer(history.computedStates[index]?.state, index)),
  }
}

function wholeOf(history: History, { stateSanitizer, actionSanitizer }: ReportOptions): Message {
  const { nextActionId, stagedActionIds, skippedActionIds, computedStates, actionsById } = history
  const shown = {
    ...positionOf(history),
    nextActionId,
    stagedActionIds,
    skippedActionIds,
    computedStates: computedStates.map(({ state, ...entry }, index) => ({
      ...entry,
      state: stateSanitizer(state, index),
    })),
    actionsById: Object.fromEntries(
      Object.entries(actionsById).map(([id, performed]) => [
        id,
        { ...performed, action: actionSanitizer(performed.action, Number(id)) },
      ]),
    ),
  }
  return { type: 'STATE', payload: textOf(shown) }
}

/** More would not pass through the relay. */
const MAX_CHARACTERS = 64 << 20

/** @throws {Error} It is no JSON, or too much. */
function textOf(value: unknown): string {
  const text = JSON.stringify(value, readableBigint) as string | undefined
  if (text === undefined) return 'null'
  if (text.length > MAX_CHARACTERS) throw new Error('the history is too large to be shown: choose a smaller maxAge')
  return text
}

function readableBigint(_key: string, field: unknown): unknown {
  return typeof field === 'bigint' ? `${field}n` : field
}
