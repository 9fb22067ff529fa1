import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalJson, findNonJson, isTooDeep, MAX_JSON_DEPTH, type Json } from '../../slices/rules/json.js'

/** A scalar inside of so many arrays and objects, by turns: `{ a: [{ a: [0] }] }`. */
function nested(levels: number): Json {
  let value: Json = 0
  for (let level = levels; level > 0; level -= 1) value = level % 2 === 1 ? { a: value } : [value]
  return value
}

describe('what JSON would lose', () => {
  it('is named by its path [ARG-6]', () => {
    expect(findNonJson({ a: [{ b: undefined }] })).toBe('a[0].b')
    expect(findNonJson(new Date(0))).toBe('')
    expect(findNonJson({ a: [1, 'x', null, { b: true }] })).toBeUndefined()
  })

  it('is what is nested too deep [ARG-6]', () => {
    expect(findNonJson(nested(MAX_JSON_DEPTH))).toBeUndefined()
    expect(findNonJson(nested(MAX_JSON_DEPTH + 1))).toBe('a[0].'.repeat(MAX_JSON_DEPTH / 2).slice(0, -1))
  })

  it('is found however deep a value is, and in a cycle', () => {
    const cycle: unknown[] = []
    cycle.push([cycle])
    expect(findNonJson(cycle)).toBe('[0][0]')
    expect(findNonJson({ fine: 1, deep: nested(100_000) })).toMatch(/^deep\.a\[0\]\.a/)
  })
})

describe('a value', () => {
  it('is too deep when more arrays and objects are inside of each other than may be', () => {
    expect(isTooDeep(nested(MAX_JSON_DEPTH))).toBe(false)
    expect(isTooDeep([0, nested(MAX_JSON_DEPTH)])).toBe(true)
    const cycle: unknown[] = []
    cycle.push(cycle)
    expect(isTooDeep(cycle)).toBe(true)
  })
})

describe('canonical JSON', () => {
  it('is the same for equal values, whatever the order of their keys [ARG-7]', () => {
    expect(canonicalJson({ b: [1, { d: null, c: '"' }], a: true })).toBe('{"a":true,"b":[1,{"c":"\\"","d":null}]}')
  })

  it('reads back as the value it was made of', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        expect(JSON.parse(canonicalJson(value as Json))).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
  })

  it('has room for an envelope around the deepest value that is JSON', () => {
    const deepest = nested(MAX_JSON_DEPTH)
    expect(findNonJson(deepest)).toBeUndefined()
    expect(JSON.parse(canonicalJson({ sequence: 1, payload: deepest }))).toEqual({ sequence: 1, payload: deepest })
  })

  it('refuses what is nested without end, and names it [ARG-7]', () => {
    expect(() => canonicalJson({ payload: nested(100_000) })).toThrow(
      expect.objectContaining({
        code: 'invalid_argument',
        field: expect.stringMatching(/^payload\.a\[0\]\.a/) as string,
        expected: 'at most 200 levels deep',
      }),
    )
    const cycle: Record<string, unknown> = {}
    cycle['again'] = cycle
    expect(() => canonicalJson(cycle as Json)).toThrow(expect.objectContaining({ code: 'invalid_argument' }))
  })
})
