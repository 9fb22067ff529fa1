import * as v from 'valibot'
import { assertArgument, InvalidArgumentError } from '../../slices/rules/errors.js'
import { flag, nonBlank, parse, strictOptions } from '../config/schema.js'
import { invalidOutput } from './outputInvalidError.js'
import type { OutputSpec } from './outputSpec.js'
import { textOf } from './text.js'

export interface RegexOutputOptions {
  /** The pattern must match all of the text. Default false: some part of it. */
  readonly fullMatch?: boolean | undefined
  /** Default `regex`. */
  readonly name?: string | undefined
}

const optionsSchema = strictOptions({
  fullMatch: v.optional(flag, false),
  name: v.optional(nonBlank, 'regex'),
})

/**
 * Text that a pattern matches. The value holds the named groups that took part in the first match.
 *
 * @param pattern - An expression, or the source of one. Case matters unless its flags say otherwise. One that backtracks without
 * end does so here too.
 * @throws {InvalidArgumentError} The pattern is empty or not a regular expression, or names the option.
 * @example
 * const score = regexOutput(/score: (?<score>\d+)/i)
 */
export function regexOutput(
  pattern: string | RegExp,
  options: RegexOutputOptions = {},
): OutputSpec<Readonly<Record<string, string>>> {
  const { fullMatch, name } = parse(optionsSchema, options)
  const compiled = compile(pattern)
  // Not `^` and `$`: under the flag m they match at every line. In a group, so that both ends count for each alternative.
  const expression = fullMatch
    ? new RegExp(String.raw`(?<![\s\S])(?:${compiled.source})(?![\s\S])`, compiled.flags)
    : compiled
  const mismatch = `does not match ${compiled}${fullMatch ? ' from its beginning to its end' : ''}`
  return {
    name,
    parse(raw) {
      const match = expression.exec(textOf(name, raw))
      if (!match) throw invalidOutput(name, raw, mismatch)
      const groups = Object.entries<string | undefined>(match.groups ?? {})
      return Object.fromEntries(groups.filter((group): group is [string, string] => group[1] !== undefined))
    },
  }
}

/** Never global or sticky: such an expression would remember where it stopped. */
function compile(pattern: string | RegExp): RegExp {
  const expected = 'a non-empty regular expression'
  if (pattern instanceof RegExp) {
    assertArgument(pattern.source !== '(?:)', 'pattern', pattern, expected)
    return new RegExp(pattern.source, pattern.flags.replace(/[^imsuv]/g, ''))
  }
  assertArgument(typeof pattern === 'string' && pattern !== '', 'pattern', pattern, expected)
  try {
    return new RegExp(pattern)
  } catch {
    throw new InvalidArgumentError('pattern', pattern, expected)
  }
}
