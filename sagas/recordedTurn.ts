import type { Recordable } from './recording.js'
import type { TurnResult } from './turnRequest.js'

/** What a turn returned, and what the runtime says of it. */
export function recordableTurn(
  { value, usage, turnId, replayed }: TurnResult<unknown>,
  record: (value: unknown) => Recordable,
): Recordable {
  const recorded = record(value)
  return 'lost' in recorded ? recorded : { value: { usage: { ...usage }, turnId, replayed, ...recorded } }
}
