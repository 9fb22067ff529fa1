import { describe, expect, it } from 'vitest'
import { classifyFailure, FAILURE_CLASSES, SCENARIOS } from '../../src/index.js'

const withFields = (fields: object, message = 'x') => Object.assign(new Error(message), fields)

describe('a classification', () => {
  it('knows seven scenarios and fourteen classes, and which class a scenario has by itself [CLASS-1]', () => {
    expect([SCENARIOS.length, FAILURE_CLASSES.length]).toEqual([7, 14])
    const messages = ['timeout', 'x', 'tool failed', 'context length', 'database', 'corrupt', 'bad gateway']
    const found = messages.map((message) => classifyFailure(new Error(message)))
    expect(found.map(({ scenario, failureClass }) => [scenario, failureClass])).toEqual([
      ['llm_timeout', 'llm_timeout'],
      ['llm_error', 'llm_error'],
      ['tool_execution_error', 'tool_error'],
      ['context_overflow', 'context_overflow'],
      ['dependency_timeout', 'dependency_failed'],
      ['memory_corruption', 'memory_corruption'],
      ['provider_failure', 'dependency_failed'],
    ])
  })

  it.each([
    [{ code: 'string_above_max_length', status: 429 }, 'context_overflow', 'context_overflow'],
    [{ code: 'content_filter', status: 500 }, 'llm_error', 'prompt_rejection'],
    [{ statusCode: 504 }, 'llm_timeout', 'llm_timeout'],
    [{ status: 418 }, 'llm_error', 'validation_error'],
    [{ status: 200, code: 'insufficient_quota' }, 'llm_error', 'rate_limit'],
    [{ type: 'rate_limit_error' }, 'llm_error', 'rate_limit'],
    [{ type: 'overloaded_error' }, 'provider_failure', 'dependency_failed'],
    [{ code: 'UND_ERR_BODY_TIMEOUT' }, 'llm_timeout', 'llm_timeout'],
    [{ name: 'APIUserAbortError' }, 'llm_error', 'cancelled'],
    [{ code: 'EAI_AGAIN' }, 'provider_failure', 'dependency_failed'],
    [{ code: 'EACCES' }, 'llm_error', 'validation_error'],
    [{ code: 'EIO' }, 'dependency_timeout', 'dependency_failed'],
    [{ name: 'FetchError' }, 'provider_failure', 'dependency_failed'],
    [{ name: 'SyntaxError' }, 'memory_corruption', 'memory_corruption'],
  ])('by type of %o is %s, %s [CLASS-4]', (fields, scenario, failureClass) => {
    expect(classifyFailure(withFields(fields, 'timeout of a tool error'))).toEqual({ scenario, failureClass })
  })

  it('finds a refused prompt in any message of the chain, after the scenarios [CLASS-7]', () => {
    const refused = { scenario: 'llm_error', failureClass: 'prompt_rejection' }
    expect(classifyFailure(new Error('no', { cause: new Error('Blocked by Safety settings') }))).toEqual(refused)
    expect(classifyFailure(new Error('a jailbreaking attempt'))).toEqual(refused)
    expect(classifyFailure(new Error('premoderation'))).not.toEqual(refused)
    expect(classifyFailure(new Error('content policy timeout')).scenario).toBe('llm_timeout')
  })

  it('takes type and validation errors for mistakes of the caller, and the rest for errors of the model [CLASS-8]', () => {
    const classOf = (error: unknown) => classifyFailure(error).failureClass
    for (const name of ['ValidationError', 'ZodError', 'ValiError']) {
      expect(classOf(withFields({ name }))).toBe('validation_error')
    }
    expect(classOf(new TypeError('x is not a function'))).toBe('validation_error')
    expect(classOf(new RangeError('x'))).toBe('validation_error')
    expect(classOf(new Error('x', { cause: new TypeError('y') }))).toBe('llm_error')
    expect(classOf(new EvalError('x'))).toBe('llm_error')
  })
})
