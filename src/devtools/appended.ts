import type { History } from './history.js'

/**
 * The ids of the actions that were performed between two histories. `null`: something else happened too, such as a skip, an import or a
 * commit, and states that were known before may be other ones now.
 */
export function appendedIds(before: History, after: History): readonly number[] | null {
  const ids = after.stagedActionIds.filter((id) => id >= before.nextActionId)
  const kept = after.stagedActionIds.length - ids.length
  /** So many of the oldest were given up for new ones. */
  const excess = before.stagedActionIds.length - kept
  if (excess < 0 || kept === 0) return null
  for (let index = 0; index < kept; index += 1) {
    if (after.computedStates[index] !== before.computedStates[index + excess]) return null
    if (index > 0 && after.stagedActionIds[index] !== before.stagedActionIds[index + excess]) return null
  }
  return haveSameSkips(before, after) ? ids : null
}

function haveSameSkips(before: History, after: History): boolean {
  const skips = before.skippedActionIds.filter((id) => after.stagedActionIds.includes(id))
  return skips.length === after.skippedActionIds.length && skips.every((id) => after.skippedActionIds.includes(id))
}
