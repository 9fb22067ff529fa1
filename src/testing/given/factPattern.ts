import type { Fact, FactKind, FactMeta } from '../../../slices/fact.js'
import { InvalidArgumentError } from '../../../slices/rules/errors.js'
import { assertKnown } from '../../options.js'
import { align } from '../../history/alignment.js'
import { ExpectationError, shown } from '../expectationError.js'
import { describeMismatch, findMismatch, type Mismatch } from './pattern.js'

/**
 * What a test says of a fact: its type or its creator, or also what is in it. Of a payload, what is left out may be anything; the
 * matchers of test runners, such as `expect.any(Number)`, may stand anywhere in it.
 */
export type FactPattern =
  | string
  | FactKind<never>
  | { readonly type: string; readonly payload?: object; readonly meta?: { readonly [Key in keyof FactMeta]?: unknown } }

/** @throws {ExpectationError} The facts are others than these, in this order. */
export function assertFacts(facts: readonly Fact[], expected: readonly FactPattern[]): void {
  const compared = compareFacts(facts, expected.map(partsOf))
  if (compared.every(({ isFine }) => isFine)) return
  const counts = `expected ${counted(expected.length)}, ${facts.length === expected.length ? 'and these are not they' : `got ${facts.length}`}`
  throw new ExpectationError([`${counts}:`, ...compared.map(({ line }) => line)].join('\n'), expected, facts)
}

/** @throws {ExpectationError} One of these is not among the facts, in this order. */
export function assertFactsInclude(facts: readonly Fact[], expected: readonly FactPattern[]): void {
  let from = 0
  for (const pattern of expected.map(partsOf)) {
    const found = facts.findIndex((fact, index) => index >= from && !mismatchOf(pattern, fact))
    if (found === -1) {
      const rest = facts.slice(from)
      const where = from === 0 ? '' : ` after fact ${facts[from - 1]?.meta.seq ?? 0}`
      const lines = rest.map((fact) => lineOf(' ', fact, near(pattern, fact)))
      throw new ExpectationError(
        [`expected ${describePattern(pattern)}${where}, got:`, ...lines].join('\n'),
        pattern,
        rest,
      )
    }
    from = found + 1
  }
}

/** A fact, as far as it is compared. */
type Said = Pick<Fact, 'type' | 'payload'>

/** A pattern, taken apart. */
export interface PatternParts {
  readonly type: string
  readonly payload?: object
  readonly meta?: object
}

/** @throws {InvalidArgumentError} It is no pattern. */
export function partsOf(pattern: FactPattern): PatternParts {
  if (typeof pattern === 'string') return { type: pattern }
  // What JavaScript callers pass may be anything.
  const { type, payload, meta } = (pattern as Partial<PatternParts> | null) ?? {}
  if (typeof type !== 'string')
    throw new InvalidArgumentError('expected', pattern, 'the type of a fact, its creator, or a fact')
  if (typeof pattern === 'object') assertKnown(pattern as PatternParts, ['type', 'payload', 'meta'], 'expected')
  return { type, ...(payload && { payload }), ...(meta && { meta }) }
}

export interface Compared {
  readonly isFine: boolean
  /** Marked with `-` if it was expected and is missing, with `+` if nobody expected it, and with `~` if something else is in it. */
  readonly line: string
  /** Where it is not as it was expected to be. */
  readonly mismatch?: Mismatch
}

/** Facts of one type are held against each other, whatever is missing or too many between them. */
export function compareFacts(facts: readonly Said[], expected: readonly PatternParts[]): Compared[] {
  const compared: Compared[] = []
  let [nextExpected, nextFact] = [0, 0]
  const pass = (toExpected: number, toFact: number): void => {
    for (const pattern of expected.slice(nextExpected, toExpected)) {
      compared.push({ isFine: false, line: `- ${describePattern(pattern)}` })
    }
    for (const fact of facts.slice(nextFact, toFact)) compared.push({ isFine: false, line: lineOf('+', fact) })
  }
  for (const [atExpected, atFact] of align(expected.map(typeOf), facts.map(typeOf))) {
    pass(atExpected, atFact)
    const [pattern, fact] = [expected[atExpected], facts[atFact]]
    if (pattern && fact) compared.push(compareOne(pattern, fact))
    nextExpected = atExpected + 1
    nextFact = atFact + 1
  }
  pass(expected.length, facts.length)
  return compared
}

function compareOne(pattern: PatternParts, fact: Said): Compared {
  const mismatch = mismatchOf(pattern, fact)
  if (!mismatch) return { isFine: true, line: `  ${fact.type}` }
  return { isFine: false, line: `~ ${fact.type}  ${describeMismatch(mismatch)}`, mismatch }
}

function mismatchOf(pattern: PatternParts, fact: Said): Mismatch | undefined {
  return findMismatch(pattern, fact)
}

function near(pattern: PatternParts, fact: Fact): string | undefined {
  const mismatch = pattern.type === fact.type ? mismatchOf(pattern, fact) : undefined
  return mismatch && describeMismatch(mismatch)
}

function lineOf(mark: string, fact: Said, words = shown(fact.payload)): string {
  return `${mark} ${fact.type}  ${words}`
}

function describePattern({ type, payload }: PatternParts): string {
  return payload ? `${type}  ${shown(payload)}` : type
}

function typeOf({ type }: { readonly type: string }): string {
  return type
}

function counted(count: number): string {
  if (count === 0) return 'no new facts'
  return count === 1 ? '1 new fact' : `${count} new facts`
}
