import { emptyTable, getRow, setRow, deleteRow, type Table } from './table.js'

/** An immutable map from names to values, in which one write costs the same however many names there are. Plain JSON. */
export interface HashTable<Value> {
  readonly size: number
  /** Entries by the hash of their name. */
  readonly buckets: Table<readonly Entry<Value>[]>
}

interface Entry<Value> {
  readonly name: string
  readonly value: Value
}

export const emptyHashTable: HashTable<never> = { size: 0, buckets: emptyTable }

export function getEntry<Value>({ buckets }: HashTable<Value>, name: string): Value | undefined {
  return getRow(buckets, hash(name))?.find((entry) => entry.name === name)?.value
}

export function setEntry<Value>({ size, buckets }: HashTable<Value>, name: string, value: Value): HashTable<Value> {
  const index = hash(name)
  const before = getRow(buckets, index) ?? []
  const others = before.filter((entry) => entry.name !== name)
  return {
    size: size + (others.length === before.length ? 1 : 0),
    buckets: setRow(buckets, index, [...others, { name, value }]),
  }
}

export function deleteEntry<Value>(table: HashTable<Value>, name: string): HashTable<Value> {
  const index = hash(name)
  const before = getRow(table.buckets, index)
  const others = before?.filter((entry) => entry.name !== name)
  if (!before || !others || others.length === before.length) return table
  const buckets = others.length === 0 ? deleteRow(table.buckets, index) : setRow(table.buckets, index, others)
  return { size: table.size - 1, buckets }
}

const HASH_BITS = 20

/** FNV-1a, folded to the number of bits that make five levels of pages at most. */
function hash(name: string): number {
  let value = 0x811c9dc5
  for (let index = 0; index < name.length; index += 1) {
    value = Math.imul(value ^ name.charCodeAt(index), 0x01000193)
  }
  return ((value >>> HASH_BITS) ^ value) & ((1 << HASH_BITS) - 1)
}
