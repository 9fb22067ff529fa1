import * as v from 'valibot'
import type { Fact } from '../../slices/fact.js'
import { InvalidArgumentError } from '../../slices/rules/errors.js'
import { utf8 } from '../audit/bytes.js'
import { GENESIS_HASH } from '../audit/record.js'
import { createSigner, type SigningKey } from '../audit/signer.js'
import { parse, strictOptions } from '../config/schema.js'
import { ConcurrentWriterError } from '../log/concurrentWriterError.js'
import type { EventLog } from '../log/eventLog.js'
import { hashFact, isHash, type LogHead } from './factHash.js'
import { hmacSha256 } from './sha256.js'

export interface HashChainOptions {
  /** Signs the hash of every fact. Who has not the key cannot make a log that verifies with it. Default: facts are not signed. */
  readonly signingKey?: SigningKey | undefined
}

/** A log whose facts are sealed to those before them. */
export interface HashChainedLog extends EventLog {
  readonly chain: {
    /**
     * The last fact that was appended; `null` before the first. Kept apart from the log, it shows `verify` that no facts are
     * missing from the end. Keep it after a `flush`: facts that a crash took would look as if somebody had.
     */
    head(): LogHead | null
  }
}

const schema = strictOptions({ signingKey: v.optional(v.unknown()) })

/**
 * Puts a hash chain around a log: every fact gets `meta.hash`, the SHA-256 of the hash before and the fact, and, with a key,
 * `meta.signature`, the HMAC-SHA256 of that. The log must be empty, or written by a chain with the same key: the chain goes on.
 *
 * A chain shows changes. Without a key, or a head that was kept elsewhere, anybody can make one that is valid.
 *
 * @throws {InvalidArgumentError} `signingKey` is blank, is not that of the log, or is missing or given where it was not; or the log
 * has facts without hashes.
 * @example
 * const log = await withHashChain(createMemoryLog(), { signingKey })
 * const runtime = createAgentRuntime({ log })
 * …
 * await verify(log, { signingKey, head: log.chain.head() })
 */
export async function withHashChain(log: EventLog, options: HashChainOptions = {}): Promise<HashChainedLog> {
  parse(schema, options)
  const { signingKey } = options
  const sign = signingKey === undefined ? undefined : signWith(signingKey)
  const last = await lastFact(log)
  if (last) await assertContinues(last, signingKey)
  let head = last ? headOf(last) : null

  function seal(fact: Fact, previous: string): Fact {
    const { hash: _hash, signature: _signature, ...meta } = fact.meta
    const hash = hashFact(previous, fact)
    return { ...fact, meta: { ...meta, hash, ...(sign && { signature: sign(utf8(hash)) }) } }
  }

  return {
    append(stream, facts, expectedVersion) {
      const seq = head?.seq ?? 0
      const [first] = facts
      if (first && first.meta.seq !== seq + 1) throw new ConcurrentWriterError(null, first.meta.seq - 1, seq)
      const sealed: Fact[] = []
      for (const fact of facts) sealed.push(seal(fact, sealed.at(-1)?.meta.hash ?? head?.hash ?? GENESIS_HASH))
      log.append(stream, sealed, expectedVersion)
      const last = sealed.at(-1)
      if (last) head = headOf(last)
    },
    flush: () => log.flush(),
    read: (readOptions) => log.read(readOptions),
    head: (stream) => log.head(stream),
    ...(log.snapshots && { snapshots: log.snapshots }),
    close: () => log.close(),
    chain: { head: () => head },
  }
}

function signWith(signingKey: SigningKey): (hash: Uint8Array) => string {
  // Refuses a key that cannot be used.
  createSigner(signingKey)
  return hmacSha256(typeof signingKey === 'string' ? utf8(signingKey) : signingKey)
}

async function lastFact(log: EventLog): Promise<Fact | undefined> {
  const count = log.head()
  if (count === 0) return undefined
  for await (const fact of log.read({ from: count - 1 })) return fact
  throw new InvalidArgumentError('log', log, 'a log that has kept its last fact')
}

function headOf({ meta: { seq, hash = GENESIS_HASH } }: Fact): LogHead {
  return Object.freeze({ seq, hash })
}

/** Half a chain, or one with two keys, verifies with none. */
async function assertContinues({ meta }: Fact, signingKey: SigningKey | undefined): Promise<void> {
  const { hash, signature } = meta
  if (!isHash(hash)) throw new InvalidArgumentError('log', hash, 'empty, or have a hash chain from its first fact on')
  if (signingKey === undefined) {
    if (signature !== undefined) refuseKey('given: the facts of this log are signed')
    return
  }
  const signer = createSigner(signingKey)
  if (signature === undefined) refuseKey('left out: the facts of this log are not signed')
  const isOurs = isHash(signature) && (await signer.verify(hash, signature))
  if (!isOurs) refuseKey('the key that the facts of this log are signed with')
}

/** Keys are secrets: the error has none. */
function refuseKey(expected: string): never {
  throw new InvalidArgumentError('signingKey', undefined, expected, `signingKey must be ${expected}`)
}
