import { formatCost } from 'redux-agent-runtime'

interface BudgetMeterProps {
  readonly label: string
  readonly costUsd: number
  readonly budgetUsd: number
}

/** What was spent of what may be spent. */
export function BudgetMeter({ label, costUsd, budgetUsd }: BudgetMeterProps) {
  return (
    <div className="row">
      <meter
        className="grows"
        aria-label={label}
        min={0}
        max={budgetUsd}
        high={budgetUsd * 0.8}
        optimum={0}
        value={Math.min(costUsd, budgetUsd)}
      />
      <span className="number">
        {formatCost(costUsd)} of {formatCost(budgetUsd)}
      </span>
    </div>
  )
}
