import type { Fact } from '../../slices/fact.js'
import { LogVersionError } from '../../slices/logErrors.js'
import { describeError, tryRead } from '../../slices/rules/errors.js'
import { isPlainObject, isTooDeep, MAX_JSON_DEPTH } from '../../slices/rules/json.js'
import { selectSession } from '../../slices/sessions.js'
import { replayFact, type RuntimeState } from '../../slices/state.js'
import { hashFact, isHash } from './factHash.js'
import type { Demands, Problem, Progress } from './verification.js'

/** What is known after one more fact, or what is wrong with it. */
export async function checkFact(fact: Fact, before: Progress, demands: Demands): Promise<Progress | Problem> {
  if (!isWellFormed(fact)) return { problem: 'malformed', detail: 'this is not a fact' }
  const { seq, at } = fact.meta
  const expected = before.state.seq + 1
  if (seq !== expected) return { problem: 'sequence', detail: `fact ${seq} is where fact ${expected} should be` }
  const sealed = await checkSeal(fact, before, demands)
  if ('problem' in sealed) return sealed
  const after = checkReplay(fact, before.state)
  if ('problem' in after) return after
  const timeReversals = before.timeReversals + (at < before.at ? 1 : 0)
  return { ...sealed, state: after, at, timeReversals }
}

/** What users give may be so deep, and payloads have it a few levels down. */
const MAX_FACT_DEPTH = MAX_JSON_DEPTH + 10

/** Facts come from wherever they were kept. */
function isWellFormed(fact: unknown): fact is Fact {
  if (!isPlainObject(fact)) return false
  const { type, payload, meta } = fact
  if (typeof type !== 'string' || !isPlainObject(payload) || !isPlainObject(meta)) return false
  const { seq, at, stream, v } = meta
  return (
    [seq, v].every((value) => Number.isSafeInteger(value) && (value as number) >= 1) &&
    Number.isFinite(at) &&
    typeof stream === 'string' &&
    !isTooDeep(fact, MAX_FACT_DEPTH)
  )
}

type Seal = Pick<Progress, 'isChained' | 'hash'>

async function checkSeal(fact: Fact, before: Progress, { signer, head }: Demands): Promise<Seal | Problem> {
  const { seq, hash, signature } = fact.meta
  if (hash === undefined) {
    const mustHave = before.isChained || signer !== undefined || head !== undefined
    return mustHave ? { problem: 'hash', detail: 'it has no hash' } : { isChained: false, hash: before.hash }
  }
  if (seq > 1 && !before.isChained) return { problem: 'hash', seq: 1, detail: 'it has no hash, and later facts have' }
  if (hash !== tryRead(() => hashFact(before.hash, fact))) {
    return { problem: 'hash', detail: 'it is not what was hashed, or the fact before it is not' }
  }
  if (signer && !(isHash(signature) && (await signer.verify(hash, signature)))) {
    return {
      problem: 'signature',
      detail: signature === undefined ? 'it is not signed' : 'it is not signed with this key',
    }
  }
  if (seq === head?.seq && hash !== head.hash) return { problem: 'head', detail: 'it is not the head that was kept' }
  return { isChained: true, hash }
}

function checkReplay(fact: Fact, before: RuntimeState): RuntimeState | Problem {
  let after: RuntimeState
  try {
    after = replayFact(before, fact)
  } catch (error) {
    if (error instanceof LogVersionError) return { problem: 'version', detail: error.message }
    return { problem: 'replay', detail: `it was answered with ${describeError(error).name}` }
  }
  const { sessionId } = fact.payload as { readonly sessionId?: unknown }
  const session = typeof sessionId === 'string' ? selectSession(after, sessionId) : undefined
  if (session && session.stream !== fact.meta.stream) {
    return { problem: 'stream', detail: 'it is in another stream than its session' }
  }
  return after
}
