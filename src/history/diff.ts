import * as v from 'valibot'
import { InvalidArgumentError } from '../../slices/rules/errors.js'
import { roundUsd } from '../../slices/rules/prices.js'
import { nonBlank, parse, strictOptions } from '../config/schema.js'
import { alignFacts } from './aligned.js'
import type { Names } from './comparable.js'
import { factsOf, type FactSource } from './factSource.js'
import { matchSessions, type Match } from './matching.js'
import { costOf, isNarrowed, outcomeOf, readRun, type Run, type SessionRun } from './run.js'
import type { AlignedFact, CostDiff, Divergence, RunDiff, RunSelection, SessionDiff, SessionRef } from './runDiff.js'

export interface DiffOptions {
  /** Which part of the first log. Default: all of it. */
  readonly a?: RunSelection | undefined
  /** Which part of the second log. Default: all of it. */
  readonly b?: RunSelection | undefined
}

const selection = strictOptions({ threadId: v.optional(nonBlank), sessionId: v.optional(nonBlank) })

const schema = strictOptions({ a: v.optional(selection), b: v.optional(selection) })

/**
 * Compares what happened in two runs, and not when: times, waits and the numbers of ids are no differences, nor is how sessions and
 * calls that ran at the same time overlap. Sessions are matched by thread, role and order. The facts that say what was forgotten
 * are left out, and with a selection those about the runtime, except for what the orchestrators of its sessions were configured with.
 *
 * @param a - A log, or its facts from the first on.
 * @param b - Another one, or the same with another selection.
 * @throws {InvalidArgumentError} Names the option, also when nothing in the log is selected by it.
 * @throws {LogCorruptError | LogVersionError} As `replay`. `verify` says more.
 * @example
 * const { firstDivergence } = await diff(log, log, { a: { threadId: 'essay' }, b: { threadId: 'essay-2' } })
 */
export async function diff(a: FactSource, b: FactSource, options: DiffOptions = {}): Promise<RunDiff> {
  const facts = { a: factsOf(a, 'a'), b: factsOf(b, 'b') }
  const { a: selectedA = {}, b: selectedB = {} } = parse(schema, options)
  const runA = await readRun(facts.a, selectedA)
  const runB = await readRun(facts.b, selectedB)
  assertSelected('a', selectedA, runA)
  assertSelected('b', selectedB, runB)
  const isOneThread = isNarrowed(selectedA) && isNarrowed(selectedB)
  return compareRuns(runA, runB, matchSessions(runA.sessions, runB.sessions, isOneThread), isOneThread)
}

function assertSelected(side: string, selected: RunSelection, { sessions }: Run): void {
  if (!isNarrowed(selected) || sessions.length > 0) return
  const field = selected.sessionId === undefined ? 'threadId' : 'sessionId'
  throw new InvalidArgumentError(`${side}.${field}`, selected[field], 'in the log')
}

function compareRuns(a: Run, b: Run, matches: readonly Match<SessionRun>[], isOneThread: boolean): RunDiff {
  const names = { a: namesOf(a, matches, 'a', isOneThread), b: namesOf(b, matches, 'b', isOneThread) }
  const shared = alignFacts(a.shared, b.shared, names)
  const sessions = matches.map((match) => {
    const facts = alignFacts(match.a?.facts ?? [], match.b?.facts ?? [], names)
    return { facts, diff: compareSessions(match, facts, a, b) }
  })
  const facts = inOrder([shared, ...sessions.map((session) => session.facts)])
  const firstDivergence = findDivergence(facts)
  return {
    identical: firstDivergence === null,
    firstDivergence,
    facts,
    cost: costDiff(costOf(a.sessions, a.prices), costOf(b.sessions, b.prices)),
    outcome: { a: outcomeOf(a.sessions), b: outcomeOf(b.sessions) },
    sessions: sessions.map((session) => session.diff),
  }
}

/** Sessions that are matched have one name, and so have the threads when there is one on each side. */
function namesOf(run: Run, matches: readonly Match<SessionRun>[], side: 'a' | 'b', isOneThread: boolean): Names {
  const sessions = new Map<string, string>()
  for (const [index, match] of matches.entries()) {
    const session = match[side]?.session
    if (session) sessions.set(session.id, `${(match.a ?? match.b)?.session.role ?? ''}#${index + 1}`)
  }
  const threadId = isOneThread ? (run.sessions[0]?.session.threadId ?? null) : null
  return { sessions, threadId, prices: run.prices }
}

function compareSessions(
  { a, b }: Match<SessionRun>,
  facts: readonly AlignedFact[],
  { prices: pricesA }: Run,
  { prices: pricesB }: Run,
): SessionDiff {
  return {
    identical: facts.every(({ kind }) => kind === 'same'),
    a: a ? refOf(a) : null,
    b: b ? refOf(b) : null,
    cost: costDiff(costOf(a ? [a] : [], pricesA), costOf(b ? [b] : [], pricesB)),
    outcome: { a: a ? outcomeOf([a]) : null, b: b ? outcomeOf([b]) : null },
  }
}

function refOf({ id, session: { role, threadId } }: SessionRun): SessionRef {
  return { sessionId: id, role, threadId }
}

function costDiff(a: number, b: number): CostDiff {
  return { a: roundUsd(a), b: roundUsd(b), differenceUsd: roundUsd(b - a) }
}

/** The facts of all streams as one list. */
function inOrder(streams: readonly (readonly AlignedFact[])[]): AlignedFact[] {
  const anchors = new Map<AlignedFact, number>()
  for (const stream of streams) {
    let last: number | undefined
    for (const fact of stream) {
      last = fact.a?.seq ?? last
      if (last !== undefined) anchors.set(fact, last)
    }
  }
  // What only `b` has, and nothing before it in its stream tells where it belongs: after what happened before it there.
  let last = 0
  for (const fact of streams.flat().sort((one, other) => (one.b?.seq ?? 0) - (other.b?.seq ?? 0))) {
    if (fact.b && fact.a) last = Math.max(last, fact.a.seq)
    else if (!anchors.has(fact)) anchors.set(fact, last)
  }
  return streams.flat().sort((one, other) => {
    const distance = (anchors.get(one) ?? 0) - (anchors.get(other) ?? 0)
    return distance !== 0 ? distance : afterA(one) - afterA(other)
  })
}

function afterA({ a, b }: AlignedFact): number {
  return a ? 0 : (b?.seq ?? 0)
}

function findDivergence(facts: readonly AlignedFact[]): Divergence | null {
  const index = facts.findIndex(({ kind }) => kind !== 'same')
  const fact = facts[index]
  if (!fact) return null
  const { a = null, b = null } = fact
  const [first] = fact.changes ?? [{ path: 'type', a: a?.fact.type, b: b?.fact.type }]
  return { index, a, b, path: first?.path ?? '', expected: first?.a ?? null, actual: first?.b ?? null }
}
