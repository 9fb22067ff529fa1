import { useDeferredValue } from 'react'
import { useRun } from '../data/logs.js'
import { useSeq } from '../data/position.js'
import { TabPanel, Tabs } from '../parts/Tabs.js'
import { usePageDispatch, useView } from '../store/store.js'
import { detailChosen } from '../store/view.js'
import { DiffPanel } from './DiffPanel.js'
import { FactHead } from './FactHead.js'
import { FactPanel } from './FactPanel.js'
import { StatePanel } from './StatePanel.js'
import { useChanges } from './useChanges.js'

/** The fact that the slider stands at, the state after it, and what it changed. */
export function DetailsPane() {
  const run = useRun()
  const seq = useDeferredValue(useSeq())
  const { detail } = useView()
  const dispatch = usePageDispatch()
  const changes = useChanges(run, seq)

  return (
    <section className="pane details" aria-label="Fact and state">
      <FactHead seq={seq} />
      <div className="pane-head">
        <Tabs
          label="Details"
          name="detail"
          tabs={[
            { id: 'state', label: 'State' },
            { id: 'diff', label: 'Diff', count: changes.length },
            { id: 'fact', label: 'Fact' },
          ]}
          selected={detail}
          onSelect={(id) => dispatch(detailChosen(id))}
        />
      </div>
      <TabPanel name="detail" id={detail} className="column">
        {detail === 'state' ? <StatePanel seq={seq} changes={changes} /> : null}
        {detail === 'diff' ? <DiffPanel changes={changes} /> : null}
        {detail === 'fact' ? <FactPanel seq={seq} /> : null}
      </TabPanel>
    </section>
  )
}
