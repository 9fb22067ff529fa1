import { diff, type DiffOptions } from '../../history/diff.js'
import type { AlignedFact, RunDiff } from '../../history/runDiff.js'
import type { Run } from './run.js'

/** Two runs beside each other. */
export interface Comparison {
  readonly diff: RunDiff
  /** In the order of `diff.facts`. */
  readonly rows: readonly ComparedRow[]
  /** The first row that is not the same. `null`: the same happened in both. */
  readonly firstDivergence: number | null
}

/** The same place in both runs. */
export interface ComparedRow {
  readonly kind: AlignedFact['kind']
  /** `null`: it did not happen there. */
  readonly a: ComparedFact | null
  readonly b: ComparedFact | null
  /** What is different in a changed one. */
  readonly changes: NonNullable<AlignedFact['changes']>
}

export interface ComparedFact {
  readonly seq: number
  readonly sessionId: string | null
  /** In a few words. */
  readonly text: string
}

/**
 * Aligns what happened in two runs, as the command `diff` does.
 *
 * @throws {InvalidArgumentError} Nothing is selected by an option.
 */
export async function compareRuns(a: Run, b: Run, options: DiffOptions = {}): Promise<Comparison> {
  const found = await diff(a.facts, b.facts, options)
  return {
    diff: found,
    rows: found.facts.map(({ kind, changes = [], ...sides }) => ({
      kind,
      a: sides.a ? comparedFact(a, sides.a.seq) : null,
      b: sides.b ? comparedFact(b, sides.b.seq) : null,
      changes,
    })),
    firstDivergence: found.firstDivergence?.index ?? null,
  }
}

function comparedFact(run: Run, seq: number): ComparedFact {
  const { sessionId = null } = (run.factAt(seq)?.payload ?? {}) as { readonly sessionId?: string | null }
  return { seq, sessionId, text: run.describe(seq) }
}
