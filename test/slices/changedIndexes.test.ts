import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { changedIndexes, deleteRow, emptyTable, setRow, type Table } from '../../slices/rules/table.js'

const index = fc.oneof(fc.nat(40), fc.nat(5_000), fc.constantFrom(0, 15, 16, 255, 256, 4_095, 4_096))

describe('the indexes at which two tables differ', () => {
  it('are those that were written or deleted between them, ascending', () => {
    fc.assert(
      fc.property(fc.array(index), fc.array(index), fc.array(index), (kept, written, deleted) => {
        const write = (table: Table<object>, indexes: readonly number[]) =>
          indexes.reduce<Table<object>>((rows, at) => setRow(rows, at, { at }), table)
        const before = write(emptyTable, kept)
        const after = deleted.reduce<Table<object>>(deleteRow, write(before, written))
        const gone = deleted.filter((at) => kept.includes(at))
        const there = written.filter((at) => !deleted.includes(at))
        const changed = [...new Set([...gone, ...there])].sort((a, b) => a - b)
        expect([...changedIndexes(before, after)]).toEqual(changed)
        expect([...changedIndexes(after, before)]).toEqual(changed)
        expect([...changedIndexes(after, after)]).toEqual([])
      }),
    )
  })
})
