import { deepStrictEqual } from 'node:assert/strict'
import { createAuditChain, verifyAuditChain, type AuditEntry, type AuditRecord } from '../../../src/index.js'

interface Input {
  readonly signingKey: string | null
  readonly records: readonly AuditEntry[]
  readonly tamper: Tamper
}

interface Tamper {
  readonly op: 'none' | 'payload' | 'delete' | 'swap' | 'frontTruncate' | 'tailTruncate' | 'wrongKey'
  readonly index?: number
  readonly key?: string
  readonly requireGenesis: boolean
}

interface Expected {
  readonly records: readonly {
    readonly sequence: number
    readonly recordHash: string
    readonly signature?: string
  }[]
  readonly verify: {
    readonly valid: boolean
    readonly totalRecords: number
    readonly firstBadSequence: number | null
  }
}

export async function audit({ signingKey, records: entries, tamper }: Input, expected: Expected) {
  const key = signingKey ?? undefined
  const chain = createAuditChain({ signingKey: key })
  for (const entry of entries) await chain.append(entry)
  const sealed = chain.records().map(({ sequence, recordHash, signature }) => ({ sequence, recordHash, signature }))
  // Some also have the canonical JSON: it is what the record hash is a hash of.
  const hashes = expected.records.map(({ sequence, recordHash, signature }) => ({ sequence, recordHash, signature }))
  deepStrictEqual(sealed, hashes)
  const verification = await verifyAuditChain(tampered(chain.records(), tamper), {
    signingKey: tamper.op === 'wrongKey' ? tamper.key : key,
    requireGenesis: tamper.requireGenesis,
  })
  const { valid, totalRecords, firstBadSequence } = verification
  deepStrictEqual({ valid, totalRecords, firstBadSequence }, expected.verify)
}

function tampered(records: readonly AuditRecord[], { op, index: at }: Tamper): readonly AuditRecord[] {
  switch (op) {
    case 'none':
    case 'wrongKey':
      return records
    case 'payload':
      return records.map((record, index) =>
        index === at ? { ...record, payload: { ...record.payload, evil: 1 } } : record,
      )
    case 'delete':
      return records.filter((_, index) => index !== at)
    case 'swap':
      return [...records.slice(0, 2).reverse(), ...records.slice(2)]
    case 'frontTruncate':
      return records.slice(1)
    case 'tailTruncate':
      return records.slice(0, -1)
  }
}
