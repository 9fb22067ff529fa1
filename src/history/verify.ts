import * as v from 'valibot'
import type { Fact } from '../../slices/fact.js'
import { LogCorruptError, LogVersionError } from '../../slices/logErrors.js'
import { initialState, type RuntimeState } from '../../slices/state.js'
import { GENESIS_HASH } from '../audit/record.js'
import { createSigner, type SigningKey } from '../audit/signer.js'
import { count, parse, strictOptions, wordsOf } from '../config/schema.js'
import { firstDifference } from './differences.js'
import { checkFact } from './factChecks.js'
import { parseLogHead, type LogHead } from './factHash.js'
import { factsOf, type FactSource } from './factSource.js'
import { stateHash } from './stateHash.js'
import type { Demands, LogVerification, Problem, Progress } from './verification.js'

export interface VerifyLogOptions {
  /** What the facts must lead to: the state of the runtime that wrote them, at its last fact. Default: it is not compared. */
  readonly liveState?: RuntimeState | undefined
  /** Every fact must be signed with it. Default: signatures are not looked at. */
  readonly signingKey?: SigningKey | undefined
  /** What `chain.head()` was when it was kept. Default: facts that are missing from the end go unnoticed. */
  readonly head?: LogHead | null | undefined
}

const start: Progress = {
  state: initialState,
  isChained: false,
  hash: GENESIS_HASH,
  at: -Infinity,
  timeReversals: 0,
}

const liveStateEntries = { seq: count }

const schema = strictOptions({
  liveState: v.optional(v.looseObject(liveStateEntries, wordsOf(liveStateEntries, 'the state of a runtime'))),
  signingKey: v.optional(v.unknown()),
  head: v.optional(v.unknown()),
})

/**
 * Reads a log once and checks all that can be: that no fact is missing, that they replay, that their hash chain holds when they
 * have one, and that they lead to the live state when it is given.
 *
 * Without a signing key or a head that was kept elsewhere, somebody who can write the log can make it valid.
 *
 * @param log - A log, or its facts from the first on.
 * @throws {InvalidArgumentError} Names the option. What is wrong in the log is never thrown.
 */
export async function verify(log: FactSource, options: VerifyLogOptions = {}): Promise<LogVerification> {
  const facts = factsOf(log, 'log')
  parse(schema, options)
  const { liveState, signingKey, head } = options
  const demands: Demands = {
    signer: signingKey === undefined ? undefined : createSigner(signingKey),
    head: head === undefined || head === null ? undefined : parseLogHead(head),
  }
  const { progress, problem, live } = await readAll(facts, demands, liveState)
  const found = problem ?? findAtEnd(progress, demands, liveState, live)
  return report(progress, demands, found)
}

interface Reading {
  readonly progress: Progress
  readonly problem: Problem | undefined
  /** The state after the fact at which the live state was taken. */
  readonly live: RuntimeState | undefined
}

async function readAll(
  facts: Iterable<Fact> | AsyncIterable<Fact>,
  demands: Demands,
  liveState: RuntimeState | undefined,
): Promise<Reading> {
  let progress = start
  let live = liveState?.seq === 0 ? initialState : undefined
  try {
    for await (const fact of facts) {
      const checked = await checkFact(fact, progress, demands)
      if ('problem' in checked) {
        // A fact without a hash is bad as soon as a later one has one.
        return { progress: checked.seq === 1 ? start : progress, problem: checked, live }
      }
      progress = checked
      if (progress.state.seq === liveState?.seq) live = progress.state
    }
  } catch (error) {
    return { progress, problem: readProblem(error), live }
  }
  return { progress, problem: undefined, live }
}

/** What a store found. Anything else, such as a disk that cannot be read, is not wrong in the log. */
function readProblem(error: unknown): Problem {
  if (error instanceof LogCorruptError) {
    const { position, reason: detail } = error
    return { problem: 'unreadable', detail, position, ...(position.seq !== undefined && { seq: position.seq }) }
  }
  if (error instanceof LogVersionError) return { problem: 'version', detail: error.message, position: error.position }
  throw error
}

function findAtEnd(
  { state }: Progress,
  { head }: Demands,
  liveState: RuntimeState | undefined,
  live: RuntimeState | undefined,
): Problem | undefined {
  const { seq } = state
  if (head && seq < head.seq) {
    return { problem: 'truncated', detail: `the log ends at fact ${seq}, and its head was fact ${head.seq}` }
  }
  if (!liveState) return undefined
  if (!live) {
    return {
      problem: 'truncated',
      detail: `the log ends at fact ${seq}, and the live state is at fact ${liveState.seq}`,
    }
  }
  const difference = firstDifference(live, liveState)
  return difference && { problem: 'live_state', seq: live.seq, detail: `the live state differs at ${difference.path}` }
}

async function report(
  { state, isChained, timeReversals }: Progress,
  { signer }: Demands,
  problem: Problem | undefined,
): Promise<LogVerification> {
  return {
    valid: problem === undefined,
    facts: state.seq,
    stateHash: await stateHash(state),
    chain: !isChained ? 'none' : signer ? 'signed' : 'hashed',
    firstBad: problem ? { seq: state.seq + 1, ...problem } : null,
    timeReversals,
  }
}
