import { describe, expect, it } from 'vitest'
import { AgentRuntimeError, CircuitOpenError, classifyFailure, InvalidArgumentError } from '../../src/index.js'
import { explode, hostileErrors } from '../support/hostile.js'

const withFields = (message: string, fields: object) => Object.assign(new Error(message), fields)

describe('classification by type', () => {
  it.each([
    [401, 'dependency_failed', 'provider_failure'],
    [403, 'dependency_failed', 'provider_failure'],
    [408, 'llm_timeout', 'llm_timeout'],
    [413, 'context_overflow', 'context_overflow'],
    [422, 'validation_error', 'llm_error'],
    [429, 'rate_limit', 'llm_error'],
    [500, 'dependency_failed', 'provider_failure'],
    [503, 'dependency_failed', 'provider_failure'],
    [504, 'llm_timeout', 'llm_timeout'],
  ])('reads HTTP status %i as %s [CLASS-4]', (status, failureClass, scenario) => {
    expect(classifyFailure(withFields('nothing to read here', { status }))).toEqual({ failureClass, scenario })
    expect(classifyFailure(withFields('nothing', { response: { status } }))).toEqual({ failureClass, scenario })
  })

  it('lets the status speak before the words [CLASS-3]', () => {
    const error = withFields('database timeout in service unavailable', { status: 429 })
    expect(classifyFailure(error).failureClass).toBe('rate_limit')
  })

  it('tells an overflow and a rejected prompt apart from other bad requests [CLASS-4]', () => {
    const overflow = withFields("This model's maximum context length is 8192 tokens", { status: 400 })
    expect(classifyFailure(overflow).failureClass).toBe('context_overflow')
    expect(classifyFailure(withFields('', { code: 'context_length_exceeded', status: 400 })).failureClass).toBe(
      'context_overflow',
    )
    expect(classifyFailure(withFields('flagged by moderation', { status: 400 })).failureClass).toBe('prompt_rejection')
  })

  it('recognises timeouts and aborts of the platform', () => {
    expect(classifyFailure(new DOMException('x', 'TimeoutError')).failureClass).toBe('llm_timeout')
    expect(classifyFailure(new DOMException('x', 'AbortError')).failureClass).toBe('cancelled')
  })

  it('recognises the class of an error whose name is just Error [CLASS-9]', () => {
    class APIConnectionTimeoutError extends Error {}
    expect(classifyFailure(new APIConnectionTimeoutError('x')).failureClass).toBe('llm_timeout')
  })

  it('looks into causes and aggregates [CLASS-3]', () => {
    const refused = withFields('x', { code: 'ECONNREFUSED' })
    expect(classifyFailure(new TypeError('fetch failed', { cause: refused })).scenario).toBe('provider_failure')
    const timeouts = [new DOMException('x', 'TimeoutError'), new DOMException('y', 'TimeoutError')]
    expect(classifyFailure(new AggregateError(timeouts, 'all failed')).scenario).toBe('llm_timeout')
    expect(classifyFailure(new AggregateError([new Error('timed out')], 'all failed')).scenario).toBe('llm_timeout')
  })

  it('ends on a cycle of causes [CLASS-3]', () => {
    const a = new Error('a')
    a.cause = new Error('b', { cause: a })
    expect(classifyFailure(a)).toEqual({ failureClass: 'llm_error', scenario: 'llm_error' })
  })

  it("does not send the caller's missing file into a retry of dependencies [CLASS-4]", () => {
    const missing = withFields("ENOENT: no such file, open 'prompt.md'", { code: 'ENOENT' })
    expect(classifyFailure(missing).failureClass).toBe('validation_error')
    expect(classifyFailure(withFields('x', { code: 'EIO' })).scenario).toBe('dependency_timeout')
  })

  it('takes its own errors by code, whatever is in their text [CLASS-2]', () => {
    expect(classifyFailure(new CircuitOpenError('database', null)).failureClass).toBe('llm_error')
    expect(classifyFailure(new InvalidArgumentError('timeoutMs', -1, 'positive')).failureClass).toBe('validation_error')
  })
})

describe('classification of what cannot be read', () => {
  it.each(hostileErrors)('comes to an end with %s [CLASS-9]', (_kind, error) => {
    expect(classifyFailure(error).scenario).toBe('llm_error')
  })

  it('goes by the fields that can be read [CLASS-9]', () => {
    const throws = { get: explode }
    const error = Object.defineProperties(new Error('x'), { code: throws, name: throws, message: throws })
    expect(classifyFailure(Object.assign(error, { status: 429 })).failureClass).toBe('rate_limit')
    const cause = withFields('x', { code: 'ECONNREFUSED' })
    expect(classifyFailure(Object.defineProperties(new Error('x', { cause }), { errors: throws })).scenario).toBe(
      'provider_failure',
    )
  })

  it('takes a code for a name like any other', () => {
    class OddError extends AgentRuntimeError {
      override readonly name = 'OddError'
      readonly code = 'constructor'
    }
    expect(classifyFailure(new OddError('x'))).toEqual({ failureClass: 'llm_error', scenario: 'llm_error' })
  })
})

describe('classification by message', () => {
  it.each(['order 15023 not found', 'row 4012 empty', 'stool sample failed', 'independent error'])(
    'does not find a keyword inside a longer word or number: %s [CLASS-5]',
    (message) => {
      expect(classifyFailure(new Error(message))).toEqual({ failureClass: 'llm_error', scenario: 'llm_error' })
    },
  )

  it.each([
    ['ReadTimeout while drafting', 'llm_timeout'],
    ['HTTP 503.', 'provider_failure'],
    ['file is corrupted', 'memory_corruption'],
    ['tools failed', 'tool_execution_error'],
  ])('finds the beginning of a word: %s [CLASS-5, CLASS-6]', (message, scenario) => {
    expect(classifyFailure(new Error(message)).scenario).toBe(scenario)
  })

  it('classifies things that are no errors [CLASS-9]', () => {
    expect(classifyFailure('timed out').scenario).toBe('llm_timeout')
    expect(classifyFailure(undefined).failureClass).toBe('llm_error')
    expect(classifyFailure({ message: 42 }).failureClass).toBe('llm_error')
  })
})
