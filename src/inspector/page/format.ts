import { formatCost } from '../../../slices/rules/prices.js'

export { formatCost }

const UNITS = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'm'],
] as const

/** `850 ms`, `1.2 s`, `3 m 20 s`, `5 h 7 m`, `2 d 3 h`. */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1_000).toFixed(ms < 10_000 ? 2 : 1)} s`
  const index = UNITS.findIndex(([length]) => ms >= length)
  const [length, unit] = UNITS[index] ?? UNITS[2]
  const [smaller, smallerUnit] = UNITS[index + 1] ?? ([1_000, 's'] as const)
  return `${Math.floor(ms / length)} ${unit} ${Math.floor((ms % length) / smaller)} ${smallerUnit}`
}

/** In UTC, so that it reads alike wherever it is pasted. */
export function formatInstant(at: number): string {
  const date = new Date(at)
  return Number.isNaN(date.getTime()) ? '' : date.toISOString().replace('T', ' ').replace('Z', '')
}

export function formatCount(count: number): string {
  return count.toLocaleString('en')
}

/** `1 turn`, `2,000 turns`. */
export function plural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`
}

/** `snake_case` in words. */
export function words(name: string): string {
  return name.replaceAll('_', ' ')
}

/** A difference of US dollars, with its sign. */
export function formatDifference(usd: number): string {
  if (usd === 0) return '±$0'
  return `${usd < 0 ? '−' : '+'}${formatCost(Math.abs(usd))}`
}

/** What an error says, for people. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
