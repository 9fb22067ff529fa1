import { assertArgument } from '../../slices/rules/errors.js'
import { messageOf, OutputInvalidError } from './outputInvalidError.js'
import { assertName, type OutputSpec } from './outputSpec.js'
import { textOf } from './text.js'

/**
 * Text that a function of yours accepts. Whatever it throws makes the output invalid; `thrown` of the error holds it.
 *
 * @throws {InvalidArgumentError} The name is blank, or `read` is not a function.
 * @example
 * const due = callableOutput('due date', (text) => Temporal.PlainDate.from(text.trim()))
 */
export function callableOutput<T>(name: string, read: (text: string) => T | Promise<T>): OutputSpec<T> {
  assertName(name)
  assertArgument(typeof read === 'function', 'read', read, 'a function of the text')
  return {
    name,
    async parse(raw) {
      const text = textOf(name, raw)
      try {
        return await read(text)
      } catch (thrown) {
        throw rejected(name, raw, thrown)
      }
    },
  }
}

/** A function may ask another spec: its issues are those of this output. */
function rejected(name: string, raw: unknown, thrown: unknown): OutputInvalidError {
  const issues = thrown instanceof OutputInvalidError ? thrown.issues : [{ message: messageOf(thrown) }]
  return new OutputInvalidError(name, 'was rejected by its function', { raw, issues, thrown })
}
