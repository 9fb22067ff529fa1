import { useApp, useAppSelector, useValue } from '../app/context.js'
import { Panel } from './Panel.js'

export function Spending() {
  const { agents, model } = useApp()
  const { formattedCost, models } = useAppSelector(agents.selectors.selectTotals)
  const calls = useValue(model.calls)
  return (
    <Panel title="Cost so far">
      <p className="figure" data-testid="total-cost">
        {formattedCost}
      </p>
      <ul className="plain">
        {models.map((used) => (
          <li key={used.model} className="row">
            <span className="grows">{used.model}</span>
            <span className="number">{(used.inputTokens + used.outputTokens).toLocaleString('en-US')} tokens</span>
          </li>
        ))}
      </ul>
      <p className="hint">
        The model was called <output data-testid="model-calls">{calls}</output> times since this page was opened.
      </p>
    </Panel>
  )
}
