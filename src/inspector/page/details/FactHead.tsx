import { useRun } from '../data/logs.js'
import { formatCount, formatDuration, formatInstant } from '../format.js'

/** The fact in a few words. */
export function FactHead({ seq }: { readonly seq: number }) {
  const run = useRun()
  const fact = run.factAt(seq)
  if (!fact) {
    return (
      <div className="fact-head">
        <p className="faint">before the first fact</p>
        <h2>Nothing has happened</h2>
      </div>
    )
  }
  const before = run.factAt(seq - 1)
  return (
    <div className="fact-head">
      <p className="faint">
        <span>#{formatCount(seq)}</span>
        <span className="mono">{fact.type}</span>
        <span title={formatInstant(fact.meta.at)}>
          {before ? `+${formatDuration(fact.meta.at - before.meta.at)}` : formatInstant(fact.meta.at)}
        </span>
      </p>
      <h2 aria-live="polite">{run.describe(seq)}</h2>
    </div>
  )
}
