import type { Fact } from '../../slices/fact.js'
import { assertArgument, tryRead } from '../../slices/rules/errors.js'
import { isPlainObject } from '../../slices/rules/json.js'

/**
 * A copy of recorded facts, from the first on. What they say is for whoever replays them.
 *
 * @throws {InvalidArgumentError} Names the first one that is none, or not the one that comes next.
 */
export function copyStored(facts: readonly Fact[]): Fact[] {
  assertRecorded(facts)
  const copy = tryRead(() => structuredClone(facts))
  assertArgument(copy !== undefined, 'facts', facts, 'facts of JSON')
  return copy as Fact[]
}

function assertRecorded(facts: readonly Fact[]): void {
  // What JavaScript callers pass may be anything.
  for (const [index, fact] of (facts as readonly unknown[]).entries()) {
    const at = `facts[${index}]`
    assertArgument(isPlainObject(fact) && typeof fact['type'] === 'string', at, fact, 'a recorded fact')
    const { payload, meta } = fact as { readonly payload: unknown; readonly meta: unknown }
    assertArgument(isPlainObject(payload), `${at}.payload`, payload, 'an object')
    assertArgument(isPlainObject(meta), `${at}.meta`, meta, 'what a log stamps on a fact')
    assertMeta(meta as Record<string, unknown>, index, `${at}.meta`)
  }
}

function assertMeta({ seq, at, stream, v }: Record<string, unknown>, index: number, field: string): void {
  assertArgument(seq === index + 1, `${field}.seq`, seq, String(index + 1))
  assertArgument(Number.isFinite(at), `${field}.at`, at, 'a number of milliseconds')
  assertArgument(typeof stream === 'string', `${field}.stream`, stream, 'the name of a stream')
  assertArgument(Number.isSafeInteger(v) && (v as number) >= 1, `${field}.v`, v, 'a positive integer')
}
