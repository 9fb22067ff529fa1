import type { Fact } from '../../slices/fact.js'
import { LogCorruptError } from '../../slices/logErrors.js'
import { tryRead } from '../../slices/rules/errors.js'
import { fingerprint } from '../../slices/rules/fingerprint.js'
import type { Block } from './stores.js'

/** A block that has this many characters takes no more facts. */
const FULL = 0x1_0000

export interface EncodedFact {
  readonly seq: number
  readonly stream: string
  /** Which of its stream's facts it is, from 1. */
  readonly version: number
  /** As JSON: what it was when it was appended, whatever becomes of the object. */
  readonly text: string
}

export function encodeFact(fact: Fact, version: number): EncodedFact {
  const { seq, stream } = fact.meta
  return { seq, stream, version, text: JSON.stringify(fact) }
}

export function toBlocks(facts: readonly EncodedFact[]): Block[] {
  const blocks: Block[] = []
  let held: EncodedFact[] = []
  let size = 0
  for (const fact of facts) {
    held.push(fact)
    size += fact.text.length
    if (size < FULL) continue
    blocks.push(toBlock(held))
    held = []
    size = 0
  }
  return held.length === 0 ? blocks : [...blocks, toBlock(held)]
}

function toBlock(facts: readonly EncodedFact[]): Block {
  const block = {
    seq: facts[0]?.seq ?? 0,
    last: facts.at(-1)?.seq ?? 0,
    streams: [...new Map(facts.map(({ stream, version }) => [stream, version]))],
    facts: `[${facts.map(({ text }) => text).join(',')}]`,
  }
  return { ...block, checksum: checksumOf(block) }
}

/** @throws {LogCorruptError} It is not what was written. */
export function readBlock(block: Block): Fact[] {
  if (checksumOf(block) === block.checksum) return JSON.parse(block.facts) as Fact[]
  throw new LogCorruptError(
    { seq: block.seq },
    'its checksum, with that of the facts after it, is not that of what is there',
  )
}

function checksumOf({ seq, last, streams, facts }: Omit<Block, 'checksum'>): string {
  return checksum([seq, last, streams, facts])
}

/** Of values in their order. */
export function checksum(values: readonly unknown[]): string {
  return tryRead(() => fingerprint(values)) ?? 'none'
}
