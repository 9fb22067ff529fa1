import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { createAgentRuntime, InvalidArgumentError, type RuntimeOptions } from '../../src/index.js'
import { functionOf, nonBlank, parse, positiveCount, strictOptions } from '../../src/config/schema.js'

const schema = strictOptions({
  name: nonBlank,
  capacity: v.optional(positiveCount, 10),
  retry: v.optional(strictOptions({ times: positiveCount, onRetry: v.optional(functionOf('a function')) })),
  steps: v.optional(v.array(strictOptions({ tool: nonBlank }, 'a step'), 'a list of steps')),
})

/** What `parse` throws. */
function refusal(input: unknown, field?: string): InvalidArgumentError {
  try {
    parse(schema, input, field)
  } catch (error) {
    if (error instanceof InvalidArgumentError) return error
    throw error
  }
  return expect.fail('it was accepted')
}

describe('options', () => {
  it('are what was given, with the defaults', () => {
    expect(parse(schema, { name: 'a', retry: { times: 2 } })).toEqual({ name: 'a', capacity: 10, retry: { times: 2 } })
  })

  it('that nobody knows are refused, with the ones that are known [ARG-4]', () => {
    expect(refusal({ name: 'a', Capacity: 5 })).toMatchObject({
      field: 'Capacity',
      value: 5,
      expected: 'left out',
      message: 'Capacity is not a known option, known are name, capacity, retry, steps',
    })
  })

  it('that nobody knows are found at any depth [ARG-4]', () => {
    expect(refusal({ name: 'a', retry: { times: 1, retries: 2 } })).toMatchObject({
      field: 'retry.retries',
      value: 2,
      message: 'retry.retries is not a known option, known are times, onRetry',
    })
    expect(refusal({ name: 'a', steps: [{ tool: 'x' }, { tool: 'y', args: 1 }] }).message).toBe(
      'steps[1].args is not a known option, known are tool',
    )
  })

  it('that are missing are told what they must be [ARG-4]', () => {
    expect(refusal({})).toMatchObject({ field: 'name', value: undefined, expected: 'a non-blank string' })
    expect(refusal({ name: 'a', retry: {} }).message).toBe('retry.times must be a positive integer, got undefined')
    expect(refusal({ name: 'a', steps: [{}] }).message).toBe('steps[0].tool must be a non-blank string, got undefined')
  })

  it('that are bad are told what they must be', () => {
    expect(refusal({ name: ' ' }).message).toBe('name must be a non-blank string, got " "')
    expect(refusal({ name: 'a', retry: 3 }).message).toBe('retry must be an object of options, got 3')
    expect(refusal({ name: 'a', steps: ['x'] }).message).toBe('steps[0] must be a step, got "x"')
  })

  it.each([null, 'name', 7, undefined])('are named when they are no object: %s [ARG-3]', (input) => {
    for (const field of [undefined, '', 'options']) {
      expect(refusal(input, field)).toMatchObject({ field: 'options', value: input, expected: 'an object of options' })
    }
    expect(refusal(input, 'retry')).toMatchObject({ field: 'retry' })
  })

  it('go by the name of the field they were given in [ARG-3]', () => {
    expect(refusal({}, 'retry').field).toBe('retry.name')
    expect(refusal({}, 'options').field).toBe('name')
  })

  it('with an inherited name are not known for that', () => {
    expect(refusal({ name: 'a', toString: 1 }).message).toMatch(/^toString is not a known option/)
    expect(refusal(JSON.parse('{ "name": "a", "__proto__": 1 }')).message).toMatch(/^__proto__ is not a known option/)
  })
})

describe('a plain strict object', () => {
  it('says as much of its own fields', () => {
    const plain = v.strictObject({ name: nonBlank, nested: v.optional(v.strictObject({ a: nonBlank })) }, 'a thing')
    expect(() => parse(plain, { name: 'a', nom: 1 })).toThrow('nom is not a known option, known are name, nested')
    expect(() => parse(plain, {})).toThrow('name must be a non-blank string, got undefined')
    expect(() => parse(plain, 5)).toThrow('options must be a thing, got 5')
    expect(() => parse(plain, { name: 'a', nested: { a: 'x', b: 1 } })).toThrow(/^nested\.b is not a known option$/)
  })
})

describe('a misspelt option', () => {
  const runtime = createAgentRuntime()
  const writer = { role: 'writer', phase: 'draft' }

  it('of an orchestrator is named with the known ones', () => {
    expect(() => runtime.orchestrator({ ...writer, budgetUSD: 1 } as never)).toThrow(
      /^budgetUSD is not a known option, known are role, phase, .*budgetUsd/,
    )
    expect(() => runtime.orchestrator({ phase: 'draft' } as never)).toThrow(
      'role must be a non-blank string, got undefined',
    )
    expect(() => runtime.orchestrator(undefined as never)).toThrow('options must be an object with a role and a phase')
  })

  it('inside of an option is named with the known ones', () => {
    const roles = { writer: { mode: 'read_only', denied: [] } }
    expect(() => runtime.orchestrator({ ...writer, permissions: { roles } } as never)).toThrow(
      'permissions.roles.writer.denied is not a known option, known are mode, allowedTools, deniedTools',
    )
    expect(() => runtime.orchestrator({ ...writer, circuitBreaker: { name: 'x', threshold: 1 } } as never)).toThrow(
      /^circuitBreaker\.threshold is not a known option, known are name, failureThreshold/,
    )
    const policy = [{ name: 'p', condition: { type: 'costExceeded', budget: 1 }, actions: [{ action: 'notify' }] }]
    expect(() => runtime.orchestrator({ ...writer, policy } as never)).toThrow(
      'policy[0].condition.budgetUsd must be a finite number from 0, got undefined',
    )
    expect(() => runtime.orchestrator({ ...writer, guardrails: [{ name: 'x', stages: ['pre'] }] } as never)).toThrow(
      'guardrails[0].check must be a function, got undefined',
    )
  })

  it('of a runtime is named with the known ones', () => {
    const options = { retainSessions: 5 } as RuntimeOptions<never>
    expect(() => createAgentRuntime(options)).toThrow(/^retainSessions is not a known option, known are log, clock/)
  })
})
