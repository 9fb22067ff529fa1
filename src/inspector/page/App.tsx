import type { InspectorClient } from '../model/index.js'
import { LogsContext, RunContext } from './data/logs.js'
import { LoadingScreen } from './loading/LoadingScreen.js'
import { FailedScreen } from './loading/FailedScreen.js'
import { useLoadedLogs } from './loading/useLoadedLogs.js'
import { Shell } from './shell/Shell.js'
import { useView } from './store/store.js'

/** Reads the logs, and shows them. */
export function App({ client }: { readonly client: InspectorClient }) {
  const loading = useLoadedLogs(client)
  const { log } = useView()
  if (loading.status === 'failed') return <FailedScreen {...loading} />
  if (loading.status === 'loading') return <LoadingScreen {...loading} />
  const chosen = loading.logs[log] ?? loading.logs[0]
  if (!chosen) return <FailedScreen title="There is nothing to show" message="The server has no log" />
  return (
    <LogsContext value={loading.logs}>
      <RunContext value={chosen.run}>
        <Shell key={chosen.log.index} log={chosen.log} />
      </RunContext>
    </LogsContext>
  )
}
