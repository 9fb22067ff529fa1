import { budgetOf, costOf, type Run } from '../../model/index.js'
import type { Steps } from '../data/position.js'

/** A line of the chart. */
export interface Line {
  readonly label: string
  /** The custom property of its colour. */
  readonly color: string
  readonly look: 'area' | 'line' | 'dashed'
  /** US dollars. */
  readonly usd: readonly (number | null)[]
}

export interface ChartData {
  /** Places of the slider, ascending. */
  readonly places: readonly number[]
  readonly lines: readonly Line[]
}

/** What was paid, over the places of the slider: of the whole log, or of one session beside its budget. */
export function chartData(run: Run, steps: Steps, sessionId: string | null): ChartData {
  return steps.scope === 'session' && sessionId !== null ? ofSession(run, steps, sessionId) : ofLog(run, sessionId)
}

function ofLog(run: Run, sessionId: string | null): ChartData {
  const { seq, usd } = run.cost
  const all: Line = { label: 'all sessions', color: '--accent', look: 'area', usd: [0, ...usd, usd.at(-1) ?? 0] }
  const lines = sessionId === null ? [all] : [all, lineOf(run, sessionId)]
  return { places: [0, ...seq, Math.max(run.head, 1)], lines }
}

/** What one session paid, where all sessions paid something. */
function lineOf(run: Run, sessionId: string): Line {
  const own = costOf(run, [sessionId])
  const usd: number[] = [0]
  let index = -1
  for (const seq of run.cost.seq) {
    if (own.seq[index + 1] === seq) index += 1
    usd.push(own.usd[index] ?? 0)
  }
  usd.push(own.usd.at(-1) ?? 0)
  return { label: sessionId, color: '--person', look: 'line', usd }
}

function ofSession(run: Run, steps: Steps, sessionId: string): ChartData {
  const lane = budgetOf(run, sessionId)
  const places = [0, ...(lane?.seq ?? []).map((seq) => steps.placeOf(seq)), Math.max(steps.count, 1)]
  const extended = (usd: readonly (number | null)[]) => [usd[0] ?? 0, ...usd, usd.at(-1) ?? 0]
  const spent = extended(lane?.spentUsd ?? [])
  const reserved = extended(lane?.reservedUsd ?? [])
  const budget = extended(lane?.budgetUsd ?? [])
  const promised = spent.map((usd, index) => (usd ?? 0) + (reserved[index] ?? 0))
  const has = (usd: readonly (number | null)[]) => usd.some((amount) => (amount ?? 0) > 0)
  return {
    places,
    lines: [
      { label: `${sessionId} spent`, color: '--accent', look: 'area', usd: spent },
      ...(has(reserved) ? [{ label: 'with reserved', color: '--person', look: 'line', usd: promised } as const] : []),
      ...(has(lane?.budgetUsd ?? [])
        ? [
            {
              label: 'budget',
              color: '--bad',
              look: 'dashed',
              usd: budget.map((usd) => (usd === 0 ? null : usd)),
            } as const,
          ]
        : []),
    ],
  }
}
