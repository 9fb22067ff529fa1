import * as v from 'valibot'
import type { Hook, HookPoint } from '../../sagas/hooks.js'
import { nonBlank, parse } from '../config/schema.js'
import { mapStrings } from './mapStrings.js'
import { redactText } from './pii.js'
import { hookPoints, HOOK_POINTS } from './points.js'

const REDACTED = '[REDACTED]'

export interface PiiRedactorOptions {
  /** Default `pii_redactor`. */
  readonly name?: string | undefined
  /** What stands where something was found. Default `[REDACTED]`. */
  readonly replacement?: string | undefined
  /** Where it redacts. Default everywhere; without `beforeTool`, a tool that sends mail still gets the address. */
  readonly points?: readonly HookPoint[] | undefined
}

const schema = v.strictObject(
  {
    name: v.optional(nonBlank, 'pii_redactor'),
    replacement: v.optional(v.string('a string'), REDACTED),
    points: v.optional(hookPoints, [...HOOK_POINTS]),
  },
  'an object of options',
)

/**
 * Replaces what looks like personal data, or like a secret, in what models and tools are given and in what they return; of a
 * handoff, in its reason and its context. What it looks for, and where, is said at {@link redactPii}.
 *
 * @throws {InvalidArgumentError} A blank name, a replacement that is no string, an unknown point or none.
 */
export function createPiiRedactor(options: PiiRedactorOptions = {}): Hook {
  const { name, replacement, points } = parse(schema, options, '')
  const redact = <T>(value: T): T => redactPii(value, replacement)
  const everywhere: Required<Omit<Hook, 'name'>> = {
    beforeModel: redact,
    afterModel: redact,
    beforeTool: redact,
    afterTool: redact,
    beforeHandoff: ({ targetRole, ...rest }) => ({ targetRole, ...redact(rest) }),
  }
  return { name, ...Object.fromEntries(points.map((point) => [point, everywhere[point]])) }
}

/**
 * `value` with everything that looks like personal data, or like a secret, replaced: United States social security numbers,
 * e-mail addresses, numbers of 13 to 19 digits, IPv4 addresses, and words of 40 or more letters, digits, `_` and `-`.
 *
 * Looks at strings, and at those inside of arrays, plain objects, maps and sets, but not at keys. Numbers, dates, instances of
 * classes and whatever holds nothing to replace stay the same objects.
 *
 * @example
 * redactPii({ from: 'ada@example.com', lines: 3 }) // { from: '[REDACTED]', lines: 3 }
 */
export function redactPii<T>(value: T, replacement = REDACTED): T {
  return mapStrings(value, (text) => redactText(text, replacement)) as T
}
