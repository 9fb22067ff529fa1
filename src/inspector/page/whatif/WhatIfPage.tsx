import { useMemo, useState } from 'react'
import { useRun } from '../data/logs.js'
import type { WhatIfChanges } from '../../../history/whatIfChanges.js'
import { changesOf, pricedModels, type Draft } from './draft.js'
import { Answer } from './Answer.js'
import { useWhatIf } from './useWhatIf.js'
import { WhatIfForm } from './WhatIfForm.js'

/** What the sessions would have come to under other prices, budgets and limits. */
export function WhatIfPage() {
  const run = useRun()
  const models = useMemo(() => pricedModels(run), [run])
  const [draft, setDraft] = useState<Draft>({})
  const [changes, setChanges] = useState<WhatIfChanges | null>(null)
  const asked = useWhatIf(changes)
  return (
    <div className="what-if-page">
      <section className="pane what-if-form scroll" aria-label="Settings">
        <WhatIfForm
          models={models}
          draft={draft}
          onChange={(name, value) => setDraft((before) => ({ ...before, [name]: value }))}
          onAsk={() => setChanges(changesOf(draft, models))}
          onClear={() => {
            setDraft({})
            setChanges(null)
          }}
        />
      </section>
      <main className="pane column" aria-label="What if">
        <Answer asked={asked} />
      </main>
    </div>
  )
}
