import { diff, type DiffOptions } from '../../history/diff.js'
import type { AlignedFact, RunDiff } from '../../history/runDiff.js'
import { sessionIdOf } from '../../transcript/step.js'
import type { Run } from './run.js'

/** Two runs beside each other. JSON, without the facts themselves: who has the runs finds them there. */
export interface Comparison {
  readonly cost: RunDiff['cost']
  readonly outcome: RunDiff['outcome']
  /** In the order of A. What only B has stands where it happened there. */
  readonly rows: readonly ComparedRow[]
  /** The first row that is not the same. `null`: the same happened in both. */
  readonly firstDivergence: number | null
}

/** The same place in both runs. */
export interface ComparedRow {
  readonly kind: AlignedFact['kind']
  /** The `seq` of the fact. `null`: it did not happen there. */
  readonly a: number | null
  readonly b: number | null
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
export async function compareRuns(
  a: Pick<Run, 'facts'>,
  b: Pick<Run, 'facts'>,
  options: DiffOptions = {},
): Promise<Comparison> {
  const { cost, outcome, facts, firstDivergence } = await diff(a.facts, b.facts, options)
  const rows = facts.map(({ kind, changes = [], ...sides }) => ({
    kind,
    a: sides.a?.seq ?? null,
    b: sides.b?.seq ?? null,
    changes,
  }))
  return { cost, outcome, rows, firstDivergence: firstDivergence?.index ?? null }
}

/** One side of a row, in its run. */
export function comparedFact(run: Run, seq: number | null): ComparedFact | null {
  if (seq === null) return null
  const fact = run.factAt(seq)
  return { seq, sessionId: fact ? sessionIdOf(fact) : null, text: run.describe(seq) }
}
