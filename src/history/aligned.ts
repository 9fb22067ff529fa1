import type { Fact } from '../../slices/fact.js'
import { canonicalJson, type Json } from '../../slices/rules/json.js'
import type { AnyFact } from '../../slices/state.js'
import { align } from './alignment.js'
import { comparable, type Names } from './comparable.js'
import { differences } from './differences.js'
import type { AlignedFact, FactAt } from './runDiff.js'

/** A fact of one side, and what of it is compared. */
interface Entry {
  readonly fact: Fact
  readonly content: unknown
  readonly key: string
}

/** The facts of one session in both runs, or those of none. In their order, but for calls that ran at the same time. */
export function alignFacts(
  a: readonly Fact[],
  b: readonly Fact[],
  names: { readonly a: Names; readonly b: Names },
): AlignedFact[] {
  const entriesA = byCall(a).map((fact) => entryOf(fact, names.a))
  const entriesB = byCall(b).map((fact) => entryOf(fact, names.b))
  return alignBy(entriesA, entriesB, ({ key }) => key, alignChanged)
}

/** Between facts that are the same: those of one type are the same fact, and it has changed. */
function alignChanged(a: readonly Entry[], b: readonly Entry[]): AlignedFact[] {
  return alignBy(a, b, ({ fact }) => fact.type, listBoth)
}

function listBoth(a: readonly Entry[], b: readonly Entry[]): AlignedFact[] {
  return [
    ...a.map(({ fact }): AlignedFact => ({ kind: 'only_a', a: factAt(fact) })),
    ...b.map(({ fact }): AlignedFact => ({ kind: 'only_b', b: factAt(fact) })),
  ]
}

function alignBy(
  a: readonly Entry[],
  b: readonly Entry[],
  keyOf: (entry: Entry) => string,
  alignBetween: (a: readonly Entry[], b: readonly Entry[]) => AlignedFact[],
): AlignedFact[] {
  const aligned: AlignedFact[] = []
  let [fromA, fromB] = [0, 0]
  const fill = (toA: number, toB: number): void => {
    if (fromA < toA || fromB < toB) {
      for (const fact of alignBetween(a.slice(fromA, toA), b.slice(fromB, toB))) aligned.push(fact)
    }
  }
  for (const [x, y] of align(a.map(keyOf), b.map(keyOf))) {
    fill(x, y)
    const [one, other] = [a[x], b[y]]
    if (one && other) aligned.push(compare(one, other))
    fromA = x + 1
    fromB = y + 1
  }
  fill(a.length, b.length)
  return aligned
}

function compare(a: Entry, b: Entry): AlignedFact {
  const both = { a: factAt(a.fact), b: factAt(b.fact) }
  if (a.key === b.key) return { kind: 'same', ...both }
  return { kind: 'changed', ...both, changes: [...differences(a.content, b.content)] }
}

function entryOf(fact: Fact, names: Names): Entry {
  const content = comparable(fact, names)
  return { fact, content, key: canonicalJson(content as Json) }
}

function factAt(fact: Fact): FactAt {
  return { seq: fact.meta.seq, fact: fact as AnyFact }
}

/** The facts of each call follow its first one: how calls that run at the same time overlap is chance. */
function byCall(facts: readonly Fact[]): Fact[] {
  const calls = new Map<string, Fact[]>()
  const groups: Fact[][] = []
  for (const fact of facts) {
    const id = callIdOf(fact)
    const call = id === null ? undefined : calls.get(id)
    if (call) {
      call.push(fact)
      continue
    }
    const group = [fact]
    groups.push(group)
    if (id !== null) calls.set(id, group)
  }
  return groups.flat()
}

function callIdOf({ payload }: Fact): string | null {
  const { turnId, toolCallId, callId, requestId } = payload as Readonly<Record<string, string | null | undefined>>
  return turnId ?? toolCallId ?? callId ?? requestId ?? null
}
