import { useAppDispatch, useAppSelector } from '../app/context.js'
import { modelToggled, paceChanged } from '../host/model.js'
import { Panel } from './Panel.js'

/** The scripted model: slow it down, or switch it off to see what the breaker does. */
export function Model() {
  const { isDown, paceMs } = useAppSelector((root) => root.model)
  const dispatch = useAppDispatch()
  return (
    <Panel title="The model">
      <label className="row">
        <input type="checkbox" checked={isDown} onChange={() => dispatch(modelToggled())} />
        The model is down
      </label>
      <label>
        Takes {paceMs} ms for an answer
        <input
          type="range"
          min={0}
          max={3_000}
          step={100}
          value={paceMs}
          onChange={(event) => dispatch(paceChanged(event.target.valueAsNumber))}
        />
      </label>
    </Panel>
  )
}
