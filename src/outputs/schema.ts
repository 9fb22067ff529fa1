import * as v from 'valibot'
import { assertArgument } from '../../slices/rules/errors.js'
import { flag, nonBlank, parse, strictOptions } from '../config/schema.js'
import { messageOf, OutputInvalidError, type OutputIssue } from './outputInvalidError.js'
import type { OutputSpec } from './outputSpec.js'
import { isStandardSchema, type SchemaIssue, type SchemaResult, type StandardSchema } from './standardSchema.js'
import { parseJsonText } from './text.js'

export interface SchemaOutputOptions {
  /** Takes JSON out of the Markdown code fence that it is the whole of. Default true. */
  readonly stripFences?: boolean | undefined
  /** Default `schema`. */
  readonly name?: string | undefined
}

const optionsSchema = strictOptions({
  stripFences: v.optional(flag, true),
  name: v.optional(nonBlank, 'schema'),
})

/**
 * What a schema of zod, valibot, arktype or any other library that speaks Standard Schema accepts. A string is read as JSON
 * first; other values are validated as they are. The value is what the schema makes of it, and schemas may be asynchronous.
 *
 * @throws {InvalidArgumentError} `schema` is no Standard Schema of version 1, or names the option.
 * @example
 * const person = schemaOutput(z.object({ name: z.string(), age: z.number().int() }))
 */
export function schemaOutput<Output>(
  schema: StandardSchema<Output>,
  options: SchemaOutputOptions = {},
): OutputSpec<Output> {
  assertArgument(isStandardSchema(schema), 'schema', schema, 'a Standard Schema of version 1')
  const { stripFences, name } = parse(optionsSchema, options)
  return {
    name,
    async parse(raw) {
      const given: unknown = typeof raw === 'string' ? parseJsonText(name, raw, stripFences) : raw
      const result = await validate(schema, given, name, raw)
      if (result.issues === undefined) return result.value
      const issues = result.issues.map(toIssue)
      throw new OutputInvalidError(name, `does not fit its schema: issues ${issues.length}`, { raw, issues })
    },
  }
}

/** A schema may throw too: in a transformation, or because it was made for other input. */
async function validate<Output>(
  schema: StandardSchema<Output>,
  given: unknown,
  name: string,
  raw: unknown,
): Promise<SchemaResult<Output>> {
  try {
    return await schema['~standard'].validate(given)
  } catch (thrown) {
    const issues = [{ message: messageOf(thrown) }]
    throw new OutputInvalidError(name, 'could not be validated, because its schema threw', { raw, issues, thrown })
  }
}

function toIssue({ message, path = [] }: SchemaIssue): OutputIssue {
  return path.length === 0 ? { message } : { message, path: pathOf(path) }
}

/** `user.tags[0]` */
function pathOf(path: NonNullable<SchemaIssue['path']>): string {
  const keys = path.map((segment) => (typeof segment === 'object' ? segment.key : segment))
  const steps = keys.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
  return steps.join('').replace(/^\./, '')
}
