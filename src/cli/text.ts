import { formatCost } from '../../slices/rules/prices.js'

/*
 * Text for terminals. A log is what somebody else wrote: its names and details must not move the cursor, change colours or turn
 * the direction of what stands beside them.
 */

const CONTROLS =
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g
const UNSAFE_IN_JSON = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

/** Text of which each character that a terminal would act on is written as an escape: `\n`, `\u001b`. */
export function plain(text: string): string {
  return text.replace(CONTROLS, escape)
}

/** JSON on one line or, indented, on several, that a terminal shows as it is. */
export function jsonText(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(UNSAFE_IN_JSON, escape)
}

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

function escape(character: string): string {
  return SHORT[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/** In UTC, so that it reads alike wherever it is pasted. */
export function formatInstant(at: number | null): string {
  const date = new Date(at ?? NaN)
  if (Number.isNaN(date.getTime())) return '-'
  return date.toISOString().replace('T', ' ').replace(/\.\d+/, '')
}

/** What was spent, and a mark when some of it has no price. */
export function formatSpent({ costUsd, unpricedModels }: Spent): string {
  return `${formatCost(costUsd)}${unpricedModels.length > 0 ? ' +?' : ''}`
}

/** Two amounts, and by how much the second is more: with digits enough to see that. `$0.0240`, `$0.0207`, `-$0.0033`. */
export function formatApart(before: number, after: number): Apart {
  // What is left of sums of doubles is no difference.
  const differenceUsd = Number((after - before).toFixed(12))
  const format = formatterFor(Math.abs(differenceUsd))
  const sign = differenceUsd < 0 ? '-' : '+'
  return { before: format(before), after: format(after), difference: `${sign}${format(Math.abs(differenceUsd))}` }
}

export interface Apart {
  readonly before: string
  readonly after: string
  /** With its sign. */
  readonly difference: string
}

/** Below a cent, four digits, or two that are not 0. */
function formatterFor(differenceUsd: number): (usd: number) => string {
  if (differenceUsd === 0 || differenceUsd >= 0.01) return formatCost
  const digits = Math.max(4, 1 - Math.floor(Math.log10(differenceUsd)))
  return (usd) => `$${usd.toFixed(digits)}`
}

export interface Spent {
  /** US dollars. */
  readonly costUsd: number
  /** Models that used tokens while no price was known for them. The cost does not cover them. */
  readonly unpricedModels: readonly string[]
}
