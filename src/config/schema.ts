import * as v from 'valibot'
import { InvalidArgumentError } from '../../slices/rules/errors.js'
import { MAX_DELAY_MS } from '../../sagas/clock.js'

/*
 * The words of every schema complete the sentence "<field> must be ...".
 */

export const nonBlank = v.pipe(
  v.string('a non-blank string'),
  v.check((text) => text.trim() !== '', 'a non-blank string'),
)

/** Finite and not negative. */
export const amount = v.pipe(
  v.number('a finite number from 0'),
  v.finite('a finite number from 0'),
  v.minValue(0, 'a finite number from 0'),
)

export const count = v.pipe(
  v.number('an integer from 0'),
  v.safeInteger('an integer from 0'),
  v.minValue(0, 'an integer from 0'),
)

export const positiveCount = v.pipe(
  v.number('a positive integer'),
  v.safeInteger('a positive integer'),
  v.minValue(1, 'a positive integer'),
)

const delayWords = `a number of milliseconds above 0 and up to ${MAX_DELAY_MS}`

export const delayMs = v.pipe(
  v.number(delayWords),
  v.check((ms) => ms > 0 && ms <= MAX_DELAY_MS, delayWords),
)

const waitWords = `a number of milliseconds from 0 to ${MAX_DELAY_MS}`

/** A wait that may be none. */
export const waitMs = v.pipe(
  v.number(waitWords),
  v.check((ms) => ms >= 0 && ms <= MAX_DELAY_MS, waitWords),
)

export const flag = v.boolean('true or false')

export function oneOf<const Names extends readonly (string | number)[]>(names: Names) {
  return v.picklist(names, `one of ${names.join(', ')}`)
}

export function functionOf<T>(words: string) {
  return v.custom<T>((value) => typeof value === 'function', words)
}

/** What an object of options is called where it is itself at fault. */
const OPTIONS = 'options'

const UNKNOWN = 'is not a known option'

/**
 * An object whose fields are all known: an option that is misspelt is refused, not ignored.
 *
 * @param expected - What the object is, in words. Default: an object of options.
 * @example
 * const schema = strictOptions({ capacity: v.optional(positiveCount, 1_000) })
 * const { capacity } = parse(schema, options, 'options')
 */
export function strictOptions<const Entries extends v.ObjectEntries>(
  entries: Entries,
  expected = 'an object of options',
) {
  return v.strictObject(entries, wordsOf(entries, expected))
}

/** What an object schema says of a field that is missing, of one that nobody knows, and of what is no object. */
export function wordsOf(entries: v.ObjectEntries, expected: string) {
  return (issue: v.StrictObjectIssue | v.LooseObjectIssue): string => {
    const key = issue.path?.at(-1)?.key
    if (key === undefined) return expected
    if (isUnknownKey(issue)) return `${UNKNOWN}, known are ${Object.keys(entries).join(', ')}`
    const missing = entries[key as string]
    return (missing && v.safeParse(missing, undefined).issues?.[0].message) ?? 'given'
  }
}

/**
 * What `schema` makes of `input`.
 *
 * @param field - Where the input was given. Paths inside it are appended. Default `'options'`, which is no part of the paths:
 * the options of a function go by their own names.
 * @throws {InvalidArgumentError} Names the first field that does not fit, and its value.
 */
export function parse<Output>(
  schema: v.GenericSchema<unknown, Output>,
  input: unknown,
  field: string = OPTIONS,
): Output {
  const result = v.safeParse(schema, input, { abortEarly: true })
  if (result.success) return result.output
  const [issue] = result.issues
  const path = pathOf(field, issue)
  const words = messageOf(schema, issue)
  if (!isUnknownKey(issue)) throw new InvalidArgumentError(path, issue.input, words)
  throw new InvalidArgumentError(path, issue.path?.at(-1)?.value, 'left out', `${path} ${words}`)
}

/** A plain `v.strictObject` tells as much as {@link strictOptions}, as long as it is not a part of another schema. */
function messageOf(schema: v.GenericSchema, issue: v.BaseIssue<unknown>): string {
  const [step, ...deeper] = issue.path ?? []
  if (step?.origin === 'key' && deeper.length === 0 && isStrictObject(schema)) {
    return wordsOf(schema.entries, issue.message)(issue as v.StrictObjectIssue)
  }
  return isUnknownKey(issue) && !issue.message.startsWith(UNKNOWN) ? UNKNOWN : issue.message
}

function isStrictObject(schema: v.GenericSchema): schema is v.StrictObjectSchema<v.ObjectEntries, undefined> {
  return schema.type === 'strict_object'
}

function isUnknownKey({ type, expected }: v.BaseIssue<unknown>): boolean {
  return type === 'strict_object' && expected === 'never'
}

/** `policy[0].name` */
function pathOf(field: string, issue: v.BaseIssue<unknown>): string {
  const steps = (issue.path ?? []).map(({ key }) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
  const path = `${field === OPTIONS ? '' : field}${steps.join('')}`
  return path.replace(/^\./, '') || OPTIONS
}
