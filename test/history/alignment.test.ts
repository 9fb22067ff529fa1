import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { align } from '../../src/history/alignment.js'

const letters = (text: string) => text.split('')

/** The length of the longest common subsequence, the slow way. */
function longest(a: readonly unknown[], b: readonly unknown[]): number {
  let row = new Array<number>(b.length + 1).fill(0)
  for (const item of a) {
    const next = [0]
    for (const [index, other] of b.entries()) {
      next.push(item === other ? row[index]! + 1 : Math.max(row[index + 1]!, next[index]!))
    }
    row = next
  }
  return row.at(-1)!
}

describe('the alignment of two lists', () => {
  it.each([
    ['abc', 'abc', [[0, 0], [1, 1], [2, 2]]], // prettier-ignore
    ['abc', 'axbc', [[0, 0], [1, 2], [2, 3]]], // prettier-ignore
    ['abcd', 'acd', [[0, 0], [2, 1], [3, 2]]], // prettier-ignore
    ['abc', 'xyz', []],
    ['', 'abc', []],
  ])('pairs %j with %j where they are the same', (a, b, pairs) => {
    expect(align(letters(a), letters(b))).toEqual(pairs)
  })

  it('pairs as many items as there are in both, in order', () => {
    const list = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 24 })
    fc.assert(
      fc.property(list, list, (a, b) => {
        const pairs = align(a, b)
        for (const [x, y] of pairs) expect(a[x]).toBe(b[y])
        for (const [index, [x, y]] of pairs.entries()) {
          if (index === 0) continue
          expect(x).toBeGreaterThan(pairs[index - 1]![0])
          expect(y).toBeGreaterThan(pairs[index - 1]![1])
        }
        expect(pairs).toHaveLength(longest(a, b))
      }),
      { numRuns: 1_000 },
    )
  })

  it('stays linear for long lists that have little in common, and still pairs what it can', () => {
    const size = 20_000
    const a = Array.from({ length: size }, (_, index) => index % 7)
    const b = Array.from({ length: size }, (_, index) => (index * 3 + 1) % 11)
    const pairs = align([...a, 'end'], [...b, 'end'])
    expect(pairs.length).toBeGreaterThan(size / 10)
    for (const [x, y] of pairs.slice(0, -1)) expect(a[x]).toBe(b[y])
    expect(pairs.at(-1)).toEqual([size, size])
  })
})
