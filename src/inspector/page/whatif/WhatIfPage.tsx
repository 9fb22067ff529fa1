import { useMemo, useState } from 'react'
import { useRun } from '../data/logs.js'
import { useAnswer } from '../questions/useAnswer.js'
import { useView } from '../store/store.js'
import type { WhatIfChanges } from '../../../history/whatIfChanges.js'
import { changesOf, pricedModels, type Draft } from './draft.js'
import { Answer } from './Answer.js'
import { WhatIfForm } from './WhatIfForm.js'

/** What the sessions would have come to under other prices, budgets and limits. */
export function WhatIfPage() {
  const run = useRun()
  const models = useMemo(() => pricedModels(run), [run])
  const [draft, setDraft] = useState<Draft>({})
  const [changes, setChanges] = useState<WhatIfChanges | null>(null)
  const { log } = useView()
  const question = useMemo(() => (changes ? ({ kind: 'what_if', log, changes } as const) : null), [log, changes])
  const answered = useAnswer(question)
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
        <Answer answered={answered} />
      </main>
    </div>
  )
}
