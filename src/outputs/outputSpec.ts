import { assertArgument } from '../../slices/rules/errors.js'

/** Says what a model's output must look like, and makes a value of it. */
export interface OutputSpec<T> {
  /** Errors name the output by it. */
  readonly name: string
  /**
   * The value that `raw` stands for.
   *
   * @throws {OutputInvalidError} `raw` is not such an output. Thrown, or rejected with where a promise is returned.
   */
  parse(raw: unknown): T | Promise<T>
}

/** @throws {InvalidArgumentError} The name is blank. */
export function assertName(name: unknown): void {
  assertArgument(typeof name === 'string' && name.trim() !== '', 'name', name, 'a non-blank string')
}
