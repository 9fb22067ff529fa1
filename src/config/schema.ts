import * as v from 'valibot'
import { InvalidArgumentError } from '../../slices/rules/errors.js'
import { MAX_DELAY_MS } from '../clock.js'

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

export const flag = v.boolean('true or false')

export function oneOf<const Names extends readonly (string | number)[]>(names: Names) {
  return v.picklist(names, `one of ${names.join(', ')}`)
}

export function functionOf<T>(words: string) {
  return v.custom<T>((value) => typeof value === 'function', words)
}

/**
 * What `schema` makes of `input`.
 *
 * @param field - Where the input was given. Paths inside it are appended.
 * @throws {InvalidArgumentError} Names the first field that does not fit, and its value.
 */
export function parse<Output>(schema: v.GenericSchema<unknown, Output>, input: unknown, field: string): Output {
  const result = v.safeParse(schema, input, { abortEarly: true })
  if (result.success) return result.output
  const [issue] = result.issues
  throw new InvalidArgumentError(pathOf(field, issue), issue.input, issue.message)
}

/** `policy[0].name` */
function pathOf(field: string, issue: v.BaseIssue<unknown>): string {
  const steps = (issue.path ?? []).map(({ key }) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
  return `${field}${steps.join('')}`.replace(/^\./, '')
}
