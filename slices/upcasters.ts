import type { Fact } from './fact.js'
import { factVersions } from './factVersions.js'
import { LogVersionError } from './logErrors.js'

/** Makes the payload of the next version out of that of one version. Pure: what is stored is never rewritten. */
interface Upcaster {
  readonly type: string
  /** The version that it reads. */
  readonly from: number
  up(payload: never): object
}

/** Every change of a payload since version 1. */
const upcasters: readonly Upcaster[] = []

/**
 * A recorded fact in the version of today.
 *
 * @throws {LogVersionError} It is of a type or a version that is not known here.
 */
export function upcast(fact: Fact, known: readonly Upcaster[] = upcasters): Fact {
  const { type, meta } = fact
  const version = factVersions.get(type)
  if (version === meta.v) return fact
  if (version === undefined || meta.v > version) {
    throw new LogVersionError(`facts of type ${type}`, meta.v, version ?? 0, { seq: meta.seq })
  }
  let { payload } = fact
  for (let v = meta.v; v < version; v += 1) {
    const next = known.find((upcaster) => upcaster.type === type && upcaster.from === v)
    if (!next) throw new LogVersionError(`facts of type ${type}`, v, version, { seq: meta.seq })
    payload = next.up(payload as never)
  }
  return { type, payload, meta: { ...meta, v: version } }
}
