import type { WhatIf } from '../../../history/whatIf.js'
import type { WhatIfSession } from '../../../history/whatIfSession.js'
import { Grid } from '../grid/Grid.js'
import type { Answered } from '../questions/useAnswer.js'
import { usePageDispatch } from '../store/store.js'
import { factChosen } from '../store/view.js'
import { useView } from '../store/store.js'
import { useState } from 'react'
import { OUTCOME_COLUMNS } from './outcomeColumns.js'
import { Totals } from './Totals.js'

export function Answer({ answered }: { readonly answered: Answered<WhatIf> }) {
  switch (answered.status) {
    case 'nothing':
      return <p className="empty">Change a price, a budget or a limit, and ask</p>
    case 'asking':
      return (
        <p className="empty" role="status">
          Asking …
        </p>
      )
    case 'failed':
      return (
        <p className="empty" role="alert">
          {answered.message}
        </p>
      )
    case 'answered':
      return <Told told={answered.answer} />
  }
}

const keyOf = ({ sessionId }: WhatIfSession) => sessionId

function Told({ told }: { readonly told: WhatIf }) {
  const { log } = useView()
  const dispatch = usePageDispatch()
  const [selected, setSelected] = useState<string | null>(null)
  const open = ({ sessionId, stoppedAt, overran, allowed }: WhatIfSession) =>
    dispatch(factChosen({ log, sessionId, seq: (overran ?? stoppedAt ?? allowed)?.seq ?? null }))
  return (
    <>
      <Totals told={told} />
      <Grid
        label="Sessions that would have been otherwise"
        columns={OUTCOME_COLUMNS}
        rows={told.sessions}
        keyOf={keyOf}
        selectedKey={selected}
        onSelect={(session) => setSelected(session.sessionId)}
        onOpen={open}
        empty="Nothing would have been otherwise"
      />
      <p className="pane-foot">Enter, or a double click, opens the session where it would have been stopped.</p>
    </>
  )
}
