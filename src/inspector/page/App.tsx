import { useMemo } from 'react'
import type { InspectorClient } from '../model/index.js'
import { LogsContext, RunContext, type LoadedLog } from './data/logs.js'
import { LoadingScreen } from './loading/LoadingScreen.js'
import { FailedScreen } from './loading/FailedScreen.js'
import { useLoadedLogs } from './loading/useLoadedLogs.js'
import { createAsker } from './questions/asker.js'
import { startWorker } from './questions/startWorker.js'
import { AskerContext } from './questions/useAnswer.js'
import { Shell } from './shell/Shell.js'
import { useView } from './store/store.js'

/** Reads the logs, and shows them. */
export function App({ client }: { readonly client: InspectorClient }) {
  const loading = useLoadedLogs(client)
  if (loading.status === 'failed') return <FailedScreen {...loading} />
  if (loading.status === 'loading') return <LoadingScreen {...loading} />
  return <Loaded logs={loading.logs} />
}

function Loaded({ logs }: { readonly logs: readonly LoadedLog[] }) {
  const { log } = useView()
  const asker = useMemo(
    () =>
      createAsker(
        logs.map(({ run }) => run),
        startWorker,
      ),
    [logs],
  )
  const chosen = logs[log] ?? logs[0]
  if (!chosen) return <FailedScreen title="There is nothing to show" message="The server has no log" />
  return (
    <LogsContext value={logs}>
      <AskerContext value={asker}>
        <RunContext value={chosen.run}>
          <Shell key={chosen.log.index} log={chosen.log} />
        </RunContext>
      </AskerContext>
    </LogsContext>
  )
}
