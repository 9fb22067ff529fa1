import { describe, expect, it } from 'vitest'
import {
  AgentRuntimeError,
  describeError,
  errorName,
  InvalidArgumentError,
  isRuntimeError,
} from '../../slices/rules/errors.js'
import { explode, hostileErrors } from '../support/hostile.js'

describe('what an error was', () => {
  it('is its name, or that of its class, and its code [ERR-3]', () => {
    class QuotaError extends Error {}
    expect(describeError(new QuotaError('secret'))).toEqual({ name: 'QuotaError' })
    expect(describeError(Object.assign(new TypeError('secret'), { code: 'ENOENT' }))).toEqual({
      name: 'TypeError',
      code: 'ENOENT',
    })
    expect(describeError({ name: 'Custom', code: 7 })).toEqual({ name: 'Custom' })
    expect(describeError('secret')).toEqual({ name: 'string' })
    expect(describeError(undefined)).toEqual({ name: 'undefined' })
  })

  it('is Error where nothing tells more', () => {
    expect(errorName(Object.create(null) as object)).toBe('Error')
    expect(errorName(new (class extends Error {})('x'))).toBe('Error')
    expect(errorName({ name: 5, constructor: { name: {} } })).toBe('Error')
  })

  it.each(hostileErrors)('is told of %s [ERR-3]', (_kind, error) => {
    const described = describeError(error)
    expect(typeof described.name).toBe('string')
    expect(JSON.parse(JSON.stringify(described))).toEqual(described)
  })

  it('keeps what can be read of an error that is hostile in part', () => {
    const error = Object.defineProperty(new Error('x'), 'name', { get: explode })
    expect(describeError(Object.assign(error, { code: 'ECONNRESET' }))).toEqual({ name: 'Error', code: 'ECONNRESET' })
  })
})

describe('an error of the runtime', () => {
  it('is told from all others', () => {
    class OwnError extends AgentRuntimeError {
      override readonly name = 'OwnError'
      readonly code = 'own'
    }
    expect(isRuntimeError(new OwnError('x'))).toBe(true)
    expect(isRuntimeError(new Error('x'))).toBe(false)
    for (const [, error] of hostileErrors) expect(isRuntimeError(error)).toBe(false)
  })
})

describe('a bad argument', () => {
  it.each([
    ['"text"', 'text'],
    [`"${'x'.repeat(77)}..."`, 'x'.repeat(1_000)],
    ['12n', 12n],
    ['null', null],
    ['Symbol(s)', Symbol('s')],
    ['an array of 2', [1, 2]],
    ['a Date', new Date(0)],
    ['an object', {}],
    ['an object', Object.create(null)],
    ['function parse', JSON.parse],
    [
      'function (anonymous)',
      (
        () => () =>
          undefined
      )(),
    ],
  ])('is shown as %s [ARG-2]', (shown, value) => {
    expect(new InvalidArgumentError('field', value, 'good').message).toBe(`field must be good, got ${shown}`)
  })

  it.each(hostileErrors)('can be %s [ARG-2]', (_kind, value) => {
    expect(new InvalidArgumentError('field', value, 'good').message).toMatch(/^field must be good, got \w/)
  })
})
