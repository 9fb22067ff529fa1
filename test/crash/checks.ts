import { isDeepStrictEqual } from 'node:util'
import { facts as factTypes, replay, stateHash, verify, type Fact } from '../../src/index.js'
import { keyOf, type Asked } from './answers.js'
import type { Told } from './job.js'
import { answerKey, answerKeyOf, answersOf } from './recorded.js'

/** What one life of a child was, and what it left. */
export interface Life {
  readonly told: readonly Told[]
  /** What the server received from it. */
  readonly calls: readonly Asked[]
  /** What the log held before and after. */
  readonly before: readonly Fact[]
  readonly after: readonly Fact[]
}

/**
 * Checks what one life left.
 *
 * @param acknowledged - All answers that any life ever told of, by their keys.
 * @returns The last fact of which somebody was told that it is durable, by an answer or by a call that was made for it.
 * @throws {Error} Says what is wrong.
 */
export async function checkLife(
  { told, calls, before, after }: Life,
  acknowledged: ReadonlySet<string>,
): Promise<number> {
  const verification = await verify(after)
  assert(verification.valid, `the log is not valid: ${JSON.stringify(verification)}`)
  const last = before.at(-1)
  assert(isDeepStrictEqual(after[before.length - 1], last), `fact ${before.length} was changed, or is gone`)
  await checkStates(told, after)
  const answers = answersOf(after)
  for (const key of acknowledged) assert(answers.has(key), `lost: ${key}`)
  checkCalls(calls, answersOf(before))
  const started = checkStarted(calls, after)
  const promised = [...acknowledged].map((key) => answers.get(key) ?? 0)
  return Math.max(0, started, ...promised)
}

/** Calls that have arrived, and whose answer is not in the log. */
export function countInFlight(calls: readonly Asked[], facts: readonly Fact[]): number {
  const answers = answersOf(facts)
  return calls.filter((call) => !answers.has(answerKeyOf(call))).length
}

/** What a child acknowledged, by the keys of the answers. */
export function acknowledgedIn(told: readonly Told[]): readonly string[] {
  return told.flatMap((line) => (line.told === 'answer' ? [answerKey(line.thread, line.kind, line.value)] : []))
}

/** Whatever a process said of its state is what its facts give, as far as they were durable. */
async function checkStates(told: readonly Told[], facts: readonly Fact[]): Promise<void> {
  for (const line of told) {
    if (line.told === 'warning') throw new Error(`a warning: ${line.message}`)
    if (line.told !== 'state' || line.seq > facts.length) continue
    const replayed = await stateHash(replay(facts, { until: line.seq }))
    assert(replayed === line.hash, `the state at fact ${line.seq} is not what replay gives`)
  }
}

/** No call is made twice by one process, nor one whose answer the log had when the process began. */
function checkCalls(calls: readonly Asked[], recorded: ReadonlyMap<string, number>): void {
  const made = new Set<string>()
  for (const call of calls) {
    const key = keyOf(call)
    assert(!made.has(key), `made twice by one process: ${key}`)
    assert(!recorded.has(answerKeyOf(call)), `made again though its answer was recorded: ${key}`)
    made.add(key)
  }
}

/** A call that was made is in the log as begun. Returns the last of the facts that say so. */
function checkStarted(calls: readonly Asked[], facts: readonly Fact[]): number {
  const begun = new Map<string, number[]>()
  for (const fact of facts) {
    const key = startedKeyOf(fact)
    if (key !== undefined) begun.set(key, [...(begun.get(key) ?? []), fact.meta.seq])
  }
  const made = calls.flatMap(({ started }) => (started ? [`${started.sessionId} ${started.call}`] : []))
  const seqs = made.map((key) => {
    const found = begun.get(key) ?? []
    const count = made.filter((other) => other === key).length
    assert(found.length >= count, `${key} was called ${count} times and begun ${found.length} times`)
    return found.at(-1) ?? 0
  })
  return Math.max(0, ...seqs)
}

/** Turns by their id, tools by their name. */
function startedKeyOf(fact: Fact): string | undefined {
  if (factTypes.turnStarted.match(fact)) return `${fact.payload.sessionId} ${fact.payload.turnId}`
  if (factTypes.toolStarted.match(fact)) return `${fact.payload.sessionId} ${fact.payload.tool}`
  return undefined
}

export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message)
}
