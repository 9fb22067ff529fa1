import { assertArgument, describeError } from '../../../slices/rules/errors.js'
import type { AnyFact, RuntimeState } from '../../../slices/state.js'
import type { AgentRuntime } from '../../agentRuntime.js'
import type { BoundSelectors } from '../../select.js'
import { ExpectationError, shown } from '../expectationError.js'
import { assertFacts, assertFactsInclude, type FactPattern } from './factPattern.js'
import { describeMismatch, findMismatch } from './pattern.js'

/** What a call has done. */
export interface Observed {
  readonly returned: unknown
  /** `null`: it returned. */
  readonly thrown: { readonly error: unknown } | null
  /** Those that it recorded. */
  readonly facts: readonly AnyFact[]
  readonly runtime: Pick<AgentRuntime, 'select' | 'getState'>
}

type ErrorClass = abstract new (...args: never) => unknown

type Check = (observed: Observed) => void

/**
 * What a call must have done, all of it. A promise: await it. A call that throws must be expected to.
 */
export class Expectations implements PromiseLike<undefined> {
  readonly #checks: Check[] = []
  readonly #verified: Promise<undefined>
  #mayThrow = false
  #isOver = false

  /** @param run - Begins once everything that is expected has been said. */
  constructor(run: () => Promise<Observed>) {
    this.#verified = Promise.resolve().then(async () => this.#verify(await run()))
  }

  /** Exactly these facts were recorded, in this order. A pattern may say less than all of a fact. */
  thenFacts(...expected: readonly FactPattern[]): this {
    return this.#expect(({ facts }) => assertFacts(facts, expected))
  }

  /** These facts were recorded in this order, and others may have been too. */
  thenFactsInclude(...expected: readonly FactPattern[]): this {
    return this.#expect(({ facts }) => assertFactsInclude(facts, expected))
  }

  /** Nothing was recorded. */
  thenNothing(): this {
    return this.thenFacts()
  }

  /**
   * The call threw this: an instance of a class, or an error with this `code`.
   *
   * @param fields - What the error has besides.
   */
  thenThrows(expected: ErrorClass | string, fields: object = {}): this {
    assertArgument(
      typeof expected === 'string' || typeof expected === 'function',
      'expected',
      expected,
      'the class of an error, or its code',
    )
    this.#mayThrow = true
    return this.#expect((observed) => assertThrown(observed, expected, fields))
  }

  /** The call returned this. Of objects, what is left out may be anything. */
  thenReturns(expected: unknown): this {
    return this.#expect(({ returned }) => assertMatches('what was returned', expected, returned))
  }

  /**
   * The state is such that `read` gives this. Without `expected`, `read` asserts by itself.
   *
   * @example
   * .thenState((select) => select.breaker('api').state, 'open')
   */
  thenState(read: (select: BoundSelectors, state: RuntimeState) => unknown, ...expected: readonly [unknown?]): this {
    assertArgument(typeof read === 'function', 'read', read, 'a function')
    return this.#expect(({ runtime: { select, getState } }) => {
      const found = read(select, getState())
      if (expected.length > 0) assertMatches('the state', expected[0], found)
    })
  }

  then<Done = undefined, Failed = never>(
    onDone?: ((value: undefined) => Done | PromiseLike<Done>) | null,
    onFailed?: ((reason: unknown) => Failed | PromiseLike<Failed>) | null,
  ): Promise<Done | Failed> {
    return this.#verified.then(onDone, onFailed)
  }

  #expect(check: Check): this {
    if (this.#isOver) throw new ExpectationError('what is expected must be said before it is awaited')
    this.#checks.push(check)
    return this
  }

  #verify(observed: Observed): undefined {
    this.#isOver = true
    if (observed.thrown && !this.#mayThrow) throw observed.thrown.error
    for (const check of this.#checks) check(observed)
    return undefined
  }
}

function assertThrown({ thrown, returned }: Observed, expected: ErrorClass | string, fields: object): void {
  const wanted = typeof expected === 'string' ? `an error with code ${expected}` : expected.name
  if (!thrown) throw new ExpectationError(`expected ${wanted}, and the call returned ${shown(returned)}`, wanted)
  const { error } = thrown
  const { name, code } = describeError(error)
  const isIt = typeof expected === 'string' ? code === expected : error instanceof expected
  const said = error instanceof Error ? `: ${error.message}` : ''
  if (!isIt) throw new ExpectationError(`expected ${wanted}, got ${name}${said}`, wanted, error)
  assertMatches(name, fields, error)
}

function assertMatches(what: string, expected: unknown, actual: unknown): void {
  const mismatch = findMismatch(expected, actual)
  if (mismatch) throw new ExpectationError(`${what}: ${describeMismatch(mismatch)}`, expected, actual)
}
