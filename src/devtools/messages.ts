import { isPlainObject } from '../../slices/rules/json.js'

/** What programs and pages say to each other. The rest of a message depends on its type. */
export interface Message {
  readonly type: string
  readonly [field: string]: unknown
}

/** What programs say, pages hear; and the other way round. */
export type Channel = 'log' | 'respond'

export function isMessage(data: unknown): data is Message {
  return isPlainObject(data) && typeof data['type'] === 'string'
}
