import type { Fact } from '../../../slices/fact.js'
import { handoffIssued, turnReplayed } from '../../../slices/facts.js'
import { canonicalJson, type Json } from '../../../slices/rules/json.js'
import type { SessionRun } from '../../history/run.js'

/** Sessions in an order, and under names, that do not depend on how they overlapped. */
export interface NamedSessions {
  readonly order: readonly SessionRun[]
  /** By id. */
  readonly names: ReadonlyMap<string, string>
}

/** What a session did, when other sessions are called this. */
type Read = (run: SessionRun, names: ReadonlyMap<string, string>) => readonly object[]

/**
 * Names sessions by role and thread, and by a number where several share both. Which of those is the first is decided by what they
 * did, then by what the sessions did that they have to do with. What remains are sessions that nobody can tell apart.
 */
export function nameSessions(sessions: readonly SessionRun[], read: Read): NamedSessions {
  const ranks = rank(sessions, read)
  const order = inStoryOrder([...sessions].sort((a, b) => rankOf(ranks, a) - rankOf(ranks, b)))
  const shared = countBy(sessions.map(labelOf))
  const given = new Map<string, number>()
  const names = new Map<string, string>()
  for (const run of order) {
    const label = labelOf(run)
    const number = (given.get(label) ?? 0) + 1
    given.set(label, number)
    names.set(run.id, (shared.get(label) ?? 0) > 1 ? `${label} #${number}` : label)
  }
  return { order, names }
}

function labelOf({ session: { role, threadId } }: SessionRun): string {
  return threadId === null ? role : `${role} in ${threadId}`
}

type Ranks = ReadonlyMap<string, number>

/** Where sessions stand among those that differ: by their label, then by what they did with sessions of which rank. */
function rank(sessions: readonly SessionRun[], read: Read): Ranks {
  let ranks = ranksOf(sessions, labelOf)
  for (let count = 0; count < countRanks(ranks) && countRanks(ranks) < sessions.length;) {
    count = countRanks(ranks)
    ranks = refine(sessions, ranks, read)
  }
  return ranks
}

function refine(sessions: readonly SessionRun[], ranks: Ranks, read: Read): Ranks {
  const names = new Map([...ranks].map(([id, rank]) => [id, String(rank)]))
  const referring = new Map<string, number[]>(sessions.map(({ id }) => [id, []]))
  for (const run of sessions) for (const id of referencesOf(run)) referring.get(id)?.push(rankOf(ranks, run))
  return ranksOf(sessions, (run) => {
    const referredBy = (referring.get(run.id) ?? []).sort((a, b) => a - b)
    return `${pad(rankOf(ranks, run))} ${canonicalJson([read(run, names), referredBy] as unknown as Json)}`
  })
}

function ranksOf(sessions: readonly SessionRun[], keyOf: (run: SessionRun) => string): Ranks {
  const keys = new Map(sessions.map((run) => [run.id, keyOf(run)]))
  const sorted = [...new Set(keys.values())].sort()
  const rankByKey = new Map(sorted.map((key, index) => [key, index]))
  return new Map([...keys].map(([id, key]) => [id, rankByKey.get(key) ?? 0]))
}

function countRanks(ranks: Ranks): number {
  return new Set(ranks.values()).size
}

function rankOf(ranks: Ranks, { id }: SessionRun): number {
  return ranks.get(id) ?? 0
}

/** So that texts sort as the numbers do. */
function pad(rank: number): string {
  return String(rank).padStart(10, '0')
}

/** Sessions that others refer to follow the first that does, in the order of the references. */
function inStoryOrder(sessions: readonly SessionRun[]): readonly SessionRun[] {
  const byId = new Map(sessions.map((run) => [run.id, run]))
  const referred = new Set(sessions.flatMap(referencesOf))
  const order = new Set<SessionRun>()
  const visit = (run: SessionRun): void => {
    if (order.has(run)) return
    order.add(run)
    for (const id of referencesOf(run)) {
      const next = byId.get(id)
      if (next) visit(next)
    }
  }
  for (const run of sessions) if (!referred.has(run.id)) visit(run)
  // Those that refer to each other.
  for (const run of sessions) visit(run)
  return [...order]
}

/** The other sessions that a session has to do with, in the order in which it did. */
function referencesOf({ id, facts }: SessionRun): readonly string[] {
  return facts.flatMap(referenceOf).filter((other) => other !== id)
}

function referenceOf(fact: Fact): readonly string[] {
  if (handoffIssued.match(fact)) return [fact.payload.targetSessionId]
  if (turnReplayed.match(fact)) return [fact.payload.original.sessionId]
  return []
}

function countBy(labels: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1)
  return counts
}
