import { isPlainObject, type Json } from '../../slices/rules/json.js'

/** A handoff among what a session's function got or returned. */
interface RecordedHandoff {
  readonly targetSessionId: string
  readonly sourceSessionId: string
  /** Unix ms. */
  readonly createdAt: number
}

/** A copy of a value in which each handoff, however deep, is another one. */
export function mapHandoffs(value: Json, change: (handoff: RecordedHandoff) => object): Json {
  if (Array.isArray(value)) return value.map((item) => mapHandoffs(item as Json, change))
  if (!isPlainObject(value)) return value
  if (isHandoff(value)) return change(value) as Json
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapHandoffs(item, change)]))
}

function isHandoff(value: object): value is RecordedHandoff {
  const { targetSessionId, sourceSessionId, createdAt } = value as Partial<Record<keyof RecordedHandoff, unknown>>
  return typeof targetSessionId === 'string' && typeof sourceSessionId === 'string' && typeof createdAt === 'number'
}
