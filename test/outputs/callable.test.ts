import { describe, expect, it } from 'vitest'
import { callableOutput, jsonOutput, OutputInvalidError } from '../../src/index.js'
import { rejection } from '../support/runtime.js'

describe('a callable output', () => {
  it('is what its function makes of the text, at once or later [OUT-6]', async () => {
    expect(await callableOutput('length', (text) => text.length).parse('four')).toBe(4)
    expect(await callableOutput('length', async (text) => text.length).parse('four')).toBe(4)
    expect(await callableOutput('nothing', () => undefined).parse('')).toBeUndefined()
  })

  it.each([
    ['throws', () => Promise.resolve(null).then.call(null as never)],
    ['rejects', () => Promise.reject(new TypeError('incompatible receiver'))],
  ])('is invalid when its function %s [OUT-6]', async (_, read) => {
    const error = await rejection(Promise.resolve(callableOutput('due date', read).parse('soon')))
    expect(error).toBeInstanceOf(OutputInvalidError)
    expect(error).toMatchObject({ output: 'due date', raw: 'soon', thrown: { name: 'TypeError' } })
    const { issues, thrown } = error as OutputInvalidError
    expect(issues).toEqual([{ message: (thrown as Error).message }])
  })

  it.each([
    ['a string', 'not a date', 'not a date'],
    ['anything', 42, 'was rejected'],
  ])('is invalid when its function throws %s', async (_, thrown, message) => {
    const spec = callableOutput('due date', () => {
      throw thrown
    })
    expect(await rejection(Promise.resolve(spec.parse('x')))).toMatchObject({ thrown, issues: [{ message }] })
  })

  it('has the issues of another spec that its function asks', async () => {
    const inner = jsonOutput({ requiredKeys: ['decision'] })
    const outer = callableOutput('verdict', (text) => inner.parse(text.toLowerCase()))
    expect(await outer.parse('{"DECISION":1}')).toEqual({ decision: 1 })
    expect(await rejection(Promise.resolve(outer.parse('{}')))).toMatchObject({
      output: 'verdict',
      issues: [{ message: 'is missing', path: 'decision' }],
      thrown: { output: 'json' },
    })
  })

  it('never shows its function what is not a text [OUT-6]', async () => {
    const seen: unknown[] = []
    const spec = callableOutput('any', (text) => seen.push(text))
    for (const raw of [undefined, 5, { text: 'x' }]) {
      expect(await rejection(Promise.resolve(spec.parse(raw)))).toMatchObject({
        issues: [{ message: 'is not a string' }],
        raw,
      })
    }
    expect(seen).toEqual([])
  })

  it.each<[string, unknown, unknown]>([
    ['name', '', () => 1],
    ['name', 5, () => 1],
    ['read', 'x', 'function'],
  ])('names %s when that is not usable', (field, name, read) => {
    expect(() => callableOutput(name as string, read as () => number)).toThrow(
      expect.objectContaining({ code: 'invalid_argument', field }),
    )
  })
})
