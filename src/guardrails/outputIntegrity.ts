import * as v from 'valibot'
import type { Guardrail } from '../../sagas/guardrails.js'
import { kindsSchema } from '../config/guardrails.js'
import { nonBlank, parse, positiveCount, strictOptions } from '../config/schema.js'
import { leavesOf } from './leaves.js'
import { createScopedGuardrail } from './scope.js'

export interface OutputIntegrityGuardrailOptions {
  /** Default `output_integrity`. */
  readonly name?: string | undefined
  /** The most Unicode characters that one string may have. `null`, the default: no limit. */
  readonly maxChars?: number | null | undefined
  /** Default: tools only. */
  readonly appliesTo?: readonly ('tool' | 'turn')[] | undefined
}

const schema = strictOptions({
  name: v.optional(nonBlank, 'output_integrity'),
  maxChars: v.optional(v.nullable(positiveCount), null),
  appliesTo: v.optional(kindsSchema),
}) satisfies v.GenericSchema<unknown, OutputIntegrityGuardrailOptions>

/**
 * Blocks results that hold a control character (below U+0020, other than tab, line feed and carriage return) or a string that
 * is too long: terminal escapes, binary data read as text, runaway output. Looks at every string inside the result, keys too.
 *
 * @throws {InvalidArgumentError} `maxChars` is not a positive integer; a blank name, an option that is not known.
 */
export function createOutputIntegrityGuardrail(options: OutputIntegrityGuardrailOptions = {}): Guardrail {
  const { name, maxChars, appliesTo } = parse(schema, options)
  const limit = maxChars ?? Infinity
  return createScopedGuardrail({ name, stages: ['post'], appliesTo }, ({ value }) => {
    for (const leaf of leavesOf(value)) {
      const reason = typeof leaf === 'string' ? findDamage(leaf, limit) : undefined
      if (reason !== undefined) return { allowed: false, reason }
    }
    return { allowed: true }
  })
}

function findDamage(text: string, maxChars: number): string | undefined {
  if (isLonger(text, maxChars)) return `string longer than ${maxChars} characters`
  const found = /[\0-\x08\x0b\x0c\x0e-\x1f]/.exec(text)
  return found ? `control character ${codePointName(found[0])} at position ${found.index}` : undefined
}

/** A character outside the basic plane counts 2 in `length`, so only lengths between the limit and twice it need counting. */
function isLonger(text: string, maxChars: number): boolean {
  if (text.length <= maxChars) return false
  if (text.length > 2 * maxChars) return true
  let count = 0
  for (const _ of text) count += 1
  return count > maxChars
}

function codePointName(character: string): string {
  return `U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`
}
