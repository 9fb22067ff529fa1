import * as v from 'valibot'
import type { GuardrailSubject, GuardrailVerdict } from '../../sagas/guardrails.js'
import { assertArgument, InvalidArgumentError } from '../../slices/rules/errors.js'
import { leavesOf } from './leaves.js'
import { readingsOf } from './readings.js'

/** The source of a regular expression, or one. Case never matters. */
export type DenyPattern = string | RegExp

/** Only that it is a list: {@link compilePatterns} looks at what is in it. */
export const patternsSchema = v.custom<readonly DenyPattern[]>(Array.isArray, 'a list of patterns')

/** @throws {InvalidArgumentError} A pattern is empty or not a regular expression. Names it: `patterns[1]`. */
export function compilePatterns(patterns: readonly DenyPattern[], field: string): readonly RegExp[] {
  return Array.from(patterns, (pattern, index) => compile(pattern, `${field}[${index}]`))
}

/**
 * Blocks a subject in which one of the patterns is found. Before the call it looks at the name, then inside the input; after
 * the call, inside the value.
 */
export function createDenyCheck(patterns: readonly RegExp[]): (subject: GuardrailSubject) => GuardrailVerdict {
  return ({ stage, name, input, value }) => {
    for (const leaf of leavesOf(stage === 'pre' ? [name, input] : value)) {
      const match = findIn(String(leaf), patterns)
      if (match) return { allowed: false, reason: describe(match), match }
    }
    return { allowed: true }
  }
}

interface Match {
  readonly position: number
  readonly matched: string
}

function findIn(text: string, patterns: readonly RegExp[]): Match | undefined {
  for (const reading of readingsOf(text)) {
    const found = leftmost(reading.text, patterns)
    if (found) return { position: reading.positionOf(found.index), matched: found[0] }
  }
  return undefined
}

/**
 * What one alternation of all patterns would find, the earlier pattern where two begin at the same place. They are not joined
 * into one, because `\1` would then count the groups of its neighbours.
 */
function leftmost(text: string, patterns: readonly RegExp[]): RegExpExecArray | undefined {
  let first: RegExpExecArray | undefined
  for (const pattern of patterns) {
    const found = pattern.exec(text)
    if (found && (!first || found.index < first.index)) first = found
  }
  return first
}

/** Never global or sticky: such an expression would remember where it stopped. */
function compile(pattern: unknown, field: string): RegExp {
  const expected = 'a non-empty regular expression'
  if (pattern instanceof RegExp) {
    assertArgument(pattern.source !== '(?:)', field, pattern, expected)
    return new RegExp(pattern.source, `i${pattern.flags.replace(/[^msuv]/g, '')}`)
  }
  if (typeof pattern !== 'string' || pattern === '') throw new InvalidArgumentError(field, pattern, expected)
  try {
    return new RegExp(pattern, 'i')
  } catch {
    throw new InvalidArgumentError(field, pattern, expected)
  }
}

/** Errors and logs carry the reason, so it stays short; `match.matched` is whole. */
function describe({ position, matched }: Match): string {
  const shown = matched.length <= 80 ? matched : `${matched.slice(0, 77)}...`
  return `matched deny pattern at position ${position}: '${shown}'`
}
