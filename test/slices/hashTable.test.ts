import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { deleteEntry, emptyHashTable, getEntry, setEntry, type HashTable } from '../../slices/rules/hashTable.js'
import { rows } from '../../slices/rules/table.js'

/** Names that the table keeps in one bucket: found by trying, because a hash has no inverse. */
function collidingNames(): readonly string[] {
  let table: HashTable<number> = emptyHashTable
  for (let index = 0; index < 6_000; index += 1) table = setEntry(table, `name-${index}`, index)
  const crowded = [...rows(table.buckets)].find((bucket) => bucket.length > 1)
  return (crowded ?? []).map(({ name }) => name)
}

const colliding = collidingNames()

const name = fc.oneof(
  fc.constantFrom(...colliding),
  fc.constantFrom('', 'constructor', '__proto__', 'toString', '0'),
  fc.string({ unit: 'grapheme', maxLength: 4 }),
)

const operation = fc.oneof(
  { weight: 3, arbitrary: fc.record({ op: fc.constant('set' as const), name, value: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('delete' as const), name }) },
)

type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never

function apply(table: HashTable<number>, step: Operation): HashTable<number> {
  return step.op === 'set' ? setEntry(table, step.name, step.value) : deleteEntry(table, step.name)
}

describe('a hash table', () => {
  it('holds what a map holds', () => {
    expect(colliding.length).toBeGreaterThan(1)
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
        const model = new Map<string, number>()
        let table: HashTable<number> = emptyHashTable
        for (const step of operations) {
          if (step.op === 'set') model.set(step.name, step.value)
          else model.delete(step.name)
          table = apply(table, step)
          expect(table.size).toBe(model.size)
        }
        for (const known of [...model.keys(), ...colliding, 'nobody']) {
          expect(getEntry(table, known)).toBe(model.get(known))
        }
        expect(JSON.parse(JSON.stringify(table))).toStrictEqual(table)
      }),
    )
  })

  it('never changes an earlier version', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 40 }), (operations) => {
        const versions: { table: HashTable<number>; text: string }[] = []
        let table: HashTable<number> = emptyHashTable
        for (const step of operations) {
          table = apply(table, step)
          versions.push({ table, text: JSON.stringify(table) })
        }
        for (const version of versions) expect(JSON.stringify(version.table)).toBe(version.text)
      }),
    )
  })

  it('keeps names apart that share a bucket', () => {
    const [first, second] = colliding as [string, string]
    const both = setEntry(setEntry(emptyHashTable as HashTable<string>, first, 'one'), second, 'two')
    const without = deleteEntry(both, first)
    expect([getEntry(both, first), getEntry(both, second)]).toEqual(['one', 'two'])
    expect([getEntry(without, first), getEntry(without, second), without.size]).toEqual([undefined, 'two', 1])
  })

  it('is the same one when there was nothing to delete', () => {
    const [first, second] = colliding as [string, string]
    const table = setEntry(emptyHashTable as HashTable<number>, first, 1)
    expect(deleteEntry(table, second)).toBe(table)
    expect(deleteEntry(table, 'nobody')).toBe(table)
  })

  it('keeps no page without names', () => {
    const names = Array.from({ length: 2_000 }, (_, index) => `thread-${index}`)
    let table: HashTable<number> = emptyHashTable
    for (const [index, one] of names.entries()) table = setEntry(table, one, index)
    for (const one of names) table = deleteEntry(table, one)
    expect(table).toMatchObject({ size: 0, buckets: { root: null } })
  })

  it('spreads names that differ little', () => {
    let table: HashTable<number> = emptyHashTable
    for (let index = 0; index < 20_000; index += 1) table = setEntry(table, `user-${index}:essay`, index)
    const longest = Math.max(...[...rows(table.buckets)].map((bucket) => bucket.length))
    expect(longest).toBeLessThan(6)
  })
})
