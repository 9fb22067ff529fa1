import { costUntil } from '../../model/index.js'
import { useRun } from '../data/logs.js'
import { useSeq } from '../data/position.js'
import { formatCost, formatCount, formatInstant } from '../format.js'

/** Where the slider stands, in numbers. */
export function Position() {
  const run = useRun()
  const seq = useSeq()
  const fact = run.factAt(seq)
  return (
    <dl className="position">
      <div>
        <dt>Fact</dt>
        <dd data-testid="position">
          {formatCount(seq)} <span className="faint">of {formatCount(run.head)}</span>
        </dd>
      </div>
      <div>
        <dt>Time (UTC)</dt>
        <dd>{fact ? formatInstant(fact.meta.at) : '–'}</dd>
      </div>
      <div>
        <dt>Paid until here</dt>
        <dd data-testid="paid">{formatCost(costUntil(run.cost, seq))}</dd>
      </div>
    </dl>
  )
}
