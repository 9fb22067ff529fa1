import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalJson, type Json } from '../../slices/rules/json.js'
import { differences, firstDifference } from '../../src/history/differences.js'

describe('the differences of two values', () => {
  it.each<[unknown, unknown, object[]]>([
    [{ a: 1 }, { a: 1 }, []],
    [{ a: { b: 1 } }, { a: { b: 2 } }, [{ path: 'a.b', a: 1, b: 2 }]],
    [{ a: [1, 2] }, { a: [1, 3, 4] }, [{ path: 'a[1]', a: 2, b: 3 }, { path: 'a[2]', b: 4 }]], // prettier-ignore
    [{ a: null, b: 1 }, { b: 1, c: 2 }, [{ path: 'a', a: null }, { path: 'c', b: 2 }]], // prettier-ignore
    [{ a: [] }, { a: {} }, [{ path: 'a', a: [], b: {} }]],
    [{ a: null }, { a: {} }, [{ path: 'a', a: null, b: {} }]],
    [1, 2, [{ path: '', a: 1, b: 2 }]],
  ])('of %j and %j are %j', (a, b, expected) => {
    expect([...differences(a, b)]).toEqual(expected)
    expect(firstDifference(a, b)).toEqual(expected[0])
  })

  it('are none where the values are equal, and some where they are not', () => {
    const json = fc.json().map((text) => plain(JSON.parse(text) as Json))
    fc.assert(
      fc.property(json, json, (a, b) => {
        expect(firstDifference(a, structuredClone(a))).toBeUndefined()
        expect(firstDifference(a, b) === undefined).toBe(canonicalJson(a) === canonicalJson(b))
      }),
    )
  })
})

/** Without the negative zeros that a text may have, and JSON does not keep. */
function plain(value: Json): Json {
  return JSON.parse(JSON.stringify(value)) as Json
}
