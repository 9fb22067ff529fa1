import { formatCost } from '../format.js'

interface Props {
  readonly costUsd: number
  readonly unpricedModels: readonly string[]
}

/** US dollars, marked where some of what was used has no price. */
export function Cost({ costUsd, unpricedModels }: Props) {
  if (unpricedModels.length === 0) return <>{formatCost(costUsd)}</>
  return (
    <span title={`no price is known for ${unpricedModels.join(', ')}`}>
      {formatCost(costUsd)} <abbr title="more, of models without a price">+?</abbr>
    </span>
  )
}
