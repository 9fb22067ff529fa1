import { isPlainObject } from '../../slices/rules/json.js'

/** What a panel shows of one thing: only what says something. */
export type Readable = Readonly<Record<string, unknown>>

/** The record without fields that are absent, `null`, 0 or empty. Its keys are names of ours. */
export function compact(record: object): Readable {
  const said: Record<string, unknown> = {}
  for (const key of Object.keys(record)) {
    const value = (record as Readable)[key]
    if (saysSomething(value)) said[key] = value
  }
  return said
}

function saysSomething(value: unknown): boolean {
  if (value === null || value === undefined || value === 0 || value === '') return false
  if (Array.isArray(value)) return value.length > 0
  return !isPlainObject(value) || Object.keys(value).length > 0
}

/** `2026-01-05T09:00:00.000Z`. A time that no calendar has stays a number. */
export function instant(at: number | null): string | number | null {
  if (at === null) return null
  const date = new Date(at)
  return Number.isNaN(date.getTime()) ? at : date.toISOString()
}
