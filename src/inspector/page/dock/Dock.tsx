import { CostChart } from './CostChart.js'
import { FactSlider } from './FactSlider.js'
import { PlayControls } from './PlayControls.js'
import { Position } from './Position.js'

/** Where in the log one is, what was paid until then, and how to move. */
export function Dock() {
  return (
    <section className="dock" aria-label="Position in the log">
      <div className="dock-controls">
        <PlayControls />
        <Position />
      </div>
      <div className="dock-track">
        <CostChart />
        <FactSlider />
      </div>
    </section>
  )
}
