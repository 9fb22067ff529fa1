import { type } from 'arktype'
import { inspect } from 'node:util'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  AgentRuntimeError,
  callableOutput,
  jsonOutput,
  OutputInvalidError,
  regexOutput,
  schemaOutput,
  type OutputSpec,
} from '../../src/index.js'
import { rejection } from '../support/runtime.js'

const SECRET = 'hunter2'

const specs: readonly [string, OutputSpec<unknown>, unknown][] = [
  ['that is no JSON', jsonOutput(), `the password is ${SECRET}`],
  ['of another type', jsonOutput({ requireType: 'object' }), JSON.stringify(SECRET)],
  ['without a key', jsonOutput({ requiredKeys: ['user'] }), JSON.stringify({ [SECRET]: SECRET })],
  ['that does not match', regexOutput('^user'), SECRET],
  ['that is no text', regexOutput('^user'), { password: SECRET }],
  ['that its function rejects', callableOutput('json', (text): unknown => JSON.parse(text)), SECRET],
  ['that does not fit zod', schemaOutput(z.strictObject({ n: z.number() })), { n: SECRET, [SECRET]: 1 }],
  ['that does not fit valibot', schemaOutput(v.strictObject({ n: v.number() })), { n: SECRET, [SECRET]: 1 }],
  ['that does not fit arktype', schemaOutput(type({ n: 'number', '+': 'reject' })), { n: SECRET, [SECRET]: 1 }],
]

describe.each(specs)('the error about an output %s', (_, spec, raw) => {
  it('says nothing of the output in a log, and all of it when it is asked [OUT-1]', async () => {
    const error = await rejection((async () => spec.parse(raw))())
    expect(error).toBeInstanceOf(OutputInvalidError)
    expect(error).toBeInstanceOf(AgentRuntimeError)
    const { message, stack, issues, ...rest } = error as OutputInvalidError
    for (const logged of [message, stack, inspect(error, { depth: 9 }), JSON.stringify(error), JSON.stringify(rest)]) {
      expect(logged).not.toContain(SECRET)
    }
    expect((error as OutputInvalidError).raw).toBe(raw)
    expect(issues.length).toBeGreaterThan(0)
    expect(rest).toMatchObject({ code: 'output_invalid', output: spec.name })
  })
})
