import type { ServedLog } from '../../model/index.js'
import { ComparePage } from '../compare/ComparePage.js'
import { DetailsPane } from '../details/DetailsPane.js'
import { Dock } from '../dock/Dock.js'
import { TabPanel } from '../parts/Tabs.js'
import { RunView } from '../run/RunView.js'
import { SessionsPane } from '../sessions/SessionsPane.js'
import { useView } from '../store/store.js'
import { WhatIfPage } from '../whatif/WhatIfPage.js'
import { DamageNotice } from './DamageNotice.js'
import { Header } from './Header.js'
import { useFirstSession } from './useFirstSession.js'

export function Shell({ log }: { readonly log: ServedLog }) {
  const { page } = useView()
  useFirstSession()
  return (
    <div className="shell">
      <Header log={log} />
      <DamageNotice />
      <TabPanel name="page" id={page} className={`page ${page}`}>
        {page === 'run' ? (
          <>
            <SessionsPane />
            <main className="pane main" aria-label="Session">
              <RunView />
            </main>
            <DetailsPane />
            <Dock />
          </>
        ) : null}
        {page === 'compare' ? <ComparePage /> : null}
        {page === 'what-if' ? <WhatIfPage /> : null}
      </TabPanel>
    </div>
  )
}
