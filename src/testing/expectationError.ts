/** An expectation of a test does not hold. Test runners take it for one of their own, and show what was expected and what was found. */
export class ExpectationError extends Error {
  override readonly name = 'AssertionError'

  constructor(
    message: string,
    readonly expected?: unknown,
    readonly actual?: unknown,
  ) {
    super(message)
  }
}

/** A value on one line, for messages. */
export function shown(value: unknown, maxLength = 160): string {
  const text = (JSON.stringify(value) as string | undefined) ?? String(value)
  return text.length <= maxLength ? text : `${text.slice(0, maxLength - 3)}...`
}
