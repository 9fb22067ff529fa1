import { type } from 'arktype'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { schemaOutput, type OutputInvalidError, type StandardSchema } from '../../src/index.js'
import { rejection } from '../support/runtime.js'

interface Person {
  readonly name: string
  readonly tags: readonly string[]
}

const libraries: readonly [string, StandardSchema<Person>][] = [
  ['zod', z.object({ name: z.string(), tags: z.array(z.string()) })],
  ['valibot', v.object({ name: v.string(), tags: v.array(v.string()) })],
  ['arktype', type({ name: 'string', tags: 'string[]' })],
]

const person = { name: 'Ada', tags: ['x', 'y'] }

async function invalid(schema: StandardSchema, raw: unknown, options = {}): Promise<OutputInvalidError> {
  const error = await rejection(Promise.resolve(schemaOutput(schema, options).parse(raw)))
  expect(error).toMatchObject({ name: 'OutputInvalidError', code: 'output_invalid', raw })
  return error as OutputInvalidError
}

describe.each(libraries)('an output with a schema of %s', (_, schema) => {
  it('reads text as JSON, in a fence or not [OUT-5]', async () => {
    const text = JSON.stringify(person)
    expect(await schemaOutput(schema).parse(text)).toEqual(person)
    expect(await schemaOutput(schema).parse(`\`\`\`json\n${text}\n\`\`\``)).toEqual(person)
  })

  it('validates other values as they are [OUT-5]', async () => {
    expect(await schemaOutput(schema).parse(person)).toEqual(person)
    expect((await invalid(schema, undefined)).issues).toHaveLength(1)
  })

  it('says where the output does not fit [OUT-5]', async () => {
    const { issues, message } = await invalid(schema, '{"name":5,"tags":["x",null,1]}')
    expect(issues.map(({ path }) => path)).toEqual(['name', 'tags[1]', 'tags[2]'])
    expect(issues.every((issue) => issue.message.length > 0)).toBe(true)
    expect(message).toBe("output 'schema' does not fit its schema: issues 3")
  })

  it('has no path for an issue with the whole', async () => {
    const { issues } = await invalid(schema, '[]'.replace('[]', '"text"'))
    expect(issues).toHaveLength(1)
    expect(issues[0]).not.toHaveProperty('path')
  })

  it('never asks the schema about text that is not JSON', async () => {
    expect((await invalid(schema, 'Ada')).issues).toEqual([{ message: 'is not valid JSON' }])
    expect((await invalid(schema, '```\n{}\n```', { stripFences: false })).issues).toEqual([
      { message: 'is not valid JSON' },
    ])
  })
})

describe('a schema output', () => {
  it('is what the schema makes of it [OUT-5]', async () => {
    expect(await schemaOutput(z.object({ at: z.coerce.date() })).parse('{"at":"2026-01-01"}')).toEqual({
      at: new Date('2026-01-01'),
    })
    const withDefault = v.object({ tags: v.optional(v.array(v.string()), ['none']) })
    expect(await schemaOutput(withDefault).parse('{}')).toEqual({ tags: ['none'] })
    expect(await schemaOutput(type('string.numeric.parse')).parse('"12"')).toBe(12)
  })

  it.each<[string, StandardSchema<string>]>([
    ['zod', z.string().refine(async (text) => text === 'known', 'unknown')],
    [
      'valibot',
      v.pipeAsync(
        v.string(),
        v.checkAsync(async (text) => text === 'known', 'unknown'),
      ),
    ],
  ])('waits for an asynchronous schema of %s', async (_, schema) => {
    expect(await schemaOutput(schema).parse('"known"')).toBe('known')
    expect((await invalid(schema, '"other"')).issues).toEqual([{ message: 'unknown' }])
  })

  it('reads path segments that are objects, and keys that are symbols', async () => {
    const schema: StandardSchema<never> = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: () => ({
          issues: [
            { message: 'a', path: [{ key: 0 }, { key: 'b' }, 2] },
            { message: 'c', path: [Symbol('d')] },
            { message: 'e', path: [] },
          ],
        }),
      },
    }
    expect((await invalid(schema, {}, { name: 'n' })).issues).toEqual([
      { message: 'a', path: '[0].b[2]' },
      { message: 'c', path: 'Symbol(d)' },
      { message: 'e' },
    ])
  })

  it('is invalid when the schema throws, and holds what was thrown', async () => {
    const bug = new Error('a bug')
    const schema = z.string().transform(() => {
      throw bug
    })
    const error = await invalid(schema, '"text"')
    expect(error.thrown).toBe(bug)
    expect(error.issues).toEqual([{ message: 'a bug' }])
    expect(error.message).toBe("output 'schema' could not be validated, because its schema threw")
  })

  it.each<[string, unknown, object?]>([
    ['schema', undefined],
    ['schema', null],
    ['schema', { parse: () => 1 }],
    ['schema', { '~standard': { version: 2, validate: () => ({ value: 1 }) } }],
    ['schema', { '~standard': { version: 1 } }],
    ['stripFences', z.string(), { stripFences: 1 }],
    ['name', z.string(), { name: ' ' }],
  ])('names %s when that is not usable', (field, schema, options) => {
    expect(() => schemaOutput(schema as StandardSchema, options)).toThrow(
      expect.objectContaining({ code: 'invalid_argument', field }),
    )
  })
})
