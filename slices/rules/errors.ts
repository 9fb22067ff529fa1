/** What every error thrown by the runtime is. `code` is stable and safe to switch on; messages are for people. */
export abstract class AgentRuntimeError extends Error {
  /** Written out in each class, so that it survives a minifier. */
  abstract override readonly name: string
  abstract readonly code: string
}

/** An error about a turn that was paid for. */
export abstract class PaidTurnError extends AgentRuntimeError {
  #result: unknown

  /** What the turn returned: `{ value, usage, turnId }`. Not enumerable, so that it stays out of logs. */
  get result(): unknown {
    return this.#result
  }

  after(result: unknown): this {
    this.#result = result
    return this
  }
}

/** An argument or a configuration field has a value that cannot be used. Nothing was done. */
export class InvalidArgumentError extends AgentRuntimeError {
  override readonly name = 'InvalidArgumentError'
  readonly code = 'invalid_argument'

  /**
   * @param field - Where the value was given, as a path: `policy[0].actions`.
   * @param value - What was given.
   * @param expected - What would have been accepted, in words.
   * @param message - Default: a sentence of the three.
   */
  constructor(
    readonly field: string,
    readonly value: unknown,
    readonly expected: string,
    message = `${field} must be ${expected}, got ${describeValue(value)}`,
  ) {
    super(message)
  }
}

export function assertArgument(isValid: boolean, field: string, value: unknown, expected: string): void {
  if (!isValid) throw new InvalidArgumentError(field, value, expected)
}

/** A name or an id that nothing is registered under. */
export class NotFoundError extends AgentRuntimeError {
  override readonly name = 'NotFoundError'
  readonly code = 'not_found'

  constructor(
    readonly kind:
      'breaker' | 'rate limit' | 'providers' | 'handoff' | 'session' | 'orchestrator' | 'call without an outcome',
    readonly id: string,
  ) {
    super(`no ${kind} is known as ${describeValue(id)}`)
  }
}

/** The name is taken and the caller asked not to replace what it stands for. */
export class AlreadyRegisteredError extends AgentRuntimeError {
  override readonly name = 'AlreadyRegisteredError'
  readonly code = 'already_registered'

  constructor(
    readonly kind: 'pricing' | 'breaker' | 'rate limit' | 'providers',
    readonly id: string,
  ) {
    super(`${kind} ${describeValue(id)} is already registered`)
  }
}

/** What an error was, without what it said: messages may quote prompts and secrets. */
export interface ErrorInfo {
  readonly name: string
  readonly code?: string
}

/** Never throws, whatever was thrown. */
export function describeError(error: unknown): ErrorInfo {
  if (typeof error !== 'object' || error === null) return { name: typeof error }
  const code = readField(error, 'code')
  return { name: errorName(error), ...(typeof code === 'string' ? { code } : {}) }
}

/** The error's `name`, or that of its class: many SDKs leave `name` at "Error". Never throws. */
export function errorName(error: object): string {
  const name = readField(error, 'name')
  if (isText(name) && name !== 'Error') return name
  const className = tryRead(() => (error as { constructor?: { name?: unknown } }).constructor?.name)
  return isText(className) ? className : 'Error'
}

/** `instanceof` throws for a proxy that was revoked; this does not. */
export function isRuntimeError(error: unknown): error is AgentRuntimeError {
  return tryRead(() => error instanceof AgentRuntimeError) ?? false
}

/** A field of something that was thrown. `undefined` when reading it throws. */
export function readField(object: object, field: string): unknown {
  return tryRead(() => (object as Record<string, unknown>)[field])
}

/** What `read` gives, or `undefined` when it throws, as getters and proxies may. */
export function tryRead<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

/** A short, one-line rendering of any value for error messages. Never throws. */
function describeValue(value: unknown): string {
  return tryRead(() => render(value)) ?? 'something that cannot be read'
}

function render(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(shorten(value))
  if (typeof value === 'function') return `function ${value.name || '(anonymous)'}`
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value !== 'object' || value === null) return String(value)
  if (Array.isArray(value)) return `an array of ${value.length}`
  const name = (Object.getPrototypeOf(value) as { constructor?: { name?: unknown } } | null)?.constructor?.name
  return isText(name) && name !== 'Object' ? `a ${name}` : 'an object'
}

function shorten(text: string): string {
  return text.length <= 80 ? text : `${text.slice(0, 77)}...`
}
