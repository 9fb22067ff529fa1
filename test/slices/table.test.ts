import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { deleteRow, emptyTable, getRow, rows, setRow, type Table } from '../../slices/rules/table.js'

const index = fc.oneof(
  fc.nat({ max: 40 }),
  fc.nat({ max: 70_000 }),
  fc.constantFrom(2 ** 31, 2 ** 40 + 3, Number.MAX_SAFE_INTEGER),
)

const operation = fc.oneof(
  { weight: 4, arbitrary: fc.record({ op: fc.constant('set' as const), index, row: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('delete' as const), index }) },
)

describe('a table', () => {
  it('holds what a map holds, in the order of the index', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
        const model = new Map<number, { row: number }>()
        let table: Table<{ row: number }> = emptyTable
        for (const step of operations) {
          if (step.op === 'set') {
            model.set(step.index, { row: step.row })
            table = setRow(table, step.index, { row: step.row })
          } else {
            model.delete(step.index)
            table = deleteRow(table, step.index)
          }
          expect(getRow(table, step.index)).toEqual(model.get(step.index))
        }
        const inOrder = [...model].sort(([a], [b]) => a - b).map(([, row]) => row)
        expect([...rows(table)]).toEqual(inOrder)
        expect(JSON.parse(JSON.stringify(table))).toStrictEqual(table)
      }),
    )
  })

  it('never changes an earlier version', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 40 }), (operations) => {
        const versions: { table: Table<{ row: number }>; text: string }[] = []
        let table: Table<{ row: number }> = emptyTable
        for (const step of operations) {
          table = step.op === 'set' ? setRow(table, step.index, { row: step.row }) : deleteRow(table, step.index)
          versions.push({ table, text: JSON.stringify(table) })
        }
        for (const version of versions) expect(JSON.stringify(version.table)).toBe(version.text)
      }),
    )
  })

  it('keeps no page without rows', () => {
    let table: Table<string> = emptyTable
    for (let row = 0; row < 2_000; row += 1) table = setRow(table, row, 'x')
    for (let row = 0; row < 2_000; row += 1) table = deleteRow(table, row)
    expect(table.root).toBeNull()
  })

  it('shares what a write does not touch', () => {
    let table: Table<{ row: number }> = emptyTable
    for (let row = 0; row < 100; row += 1) table = setRow(table, row, { row })
    const written = setRow(table, 99, { row: -1 })
    expect(written.root?.[0]).toBe(table.root?.[0])
    expect(written.root?.[6]).not.toBe(table.root?.[6])
  })

  it('has no row at an index that nobody minted', () => {
    expect(getRow(setRow(emptyTable as Table<number>, 0, 1), -1)).toBeUndefined()
  })
})
