import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fingerprint } from '../../slices/rules/fingerprint.js'
import { canonicalJson, type Json } from '../../slices/rules/json.js'

const json = fc.jsonValue({ maxDepth: 4 }).map((value) => JSON.parse(JSON.stringify(value)) as Json)

describe('a fingerprint', () => {
  it('is sixteen hexadecimal digits, the same on every machine [ARG-8]', () => {
    expect(fingerprint({ model: 'your-model', input: { prompt: 'hello', n: 1 } })).toBe('4e489990328a7177')
    expect(fingerprint('')).toBe('da43f519c6b3c7e2')
    fc.assert(fc.property(json, (value) => /^[0-9a-f]{16}$/.test(fingerprint(value) ?? '')))
  })

  it('is the same for equal values, whatever the order of their keys [ARG-8]', () => {
    fc.assert(fc.property(json, (value) => fingerprint(reversed(value)) === fingerprint(value)))
  })

  it('is another one for another value', () => {
    fc.assert(
      fc.property(json, json, (one, other) => {
        fc.pre(canonicalJson(one) !== canonicalJson(other))
        expect(fingerprint(one)).not.toBe(fingerprint(other))
      }),
    )
  })

  it('is another one for a value with one letter changed, one item more, or two items swapped', () => {
    const text = fc.string({ minLength: 1, maxLength: 200, unit: 'binary' })
    fc.assert(
      fc.property(text, fc.nat(), fc.integer({ min: 1, max: 0xffff }), (given, at, change) => {
        const units = Array.from({ length: given.length }, (_, index) => given.charCodeAt(index))
        const index = at % units.length
        const changed = String.fromCharCode(...units.with(index, (units[index]! ^ change) & 0xffff))
        const prints = [given, changed, [given], [given, changed], [changed, given], { a: given }, { b: given }]
        expect(new Set(prints.map(fingerprint)).size).toBe(prints.length)
      }),
    )
  })

  it('differs among a hundred thousand values that are nearly the same', () => {
    const prints = new Set(Array.from({ length: 100_000 }, (_, index) => fingerprint({ input: `order ${index}` })))
    expect(prints.size).toBe(100_000)
  })

  it.each([[undefined], [NaN], [-0], [{ a: undefined }], [new Date(0)], [() => 1], [1n], [new Map()]])(
    'of %s, which is not JSON, is null [ARG-8]',
    (value) => expect(fingerprint(value)).toBeNull(),
  )
})

/** Equal, with the keys of every object the other way round. */
function reversed(value: Json): Json {
  if (Array.isArray(value)) return value.map((item: Json) => reversed(item))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, item]) => [key, reversed(item)]),
  )
}
