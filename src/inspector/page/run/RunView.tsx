import { useMemo } from 'react'
import { waterfallOf } from '../../model/index.js'
import { useRun } from '../data/logs.js'
import { useSession } from '../data/position.js'
import { useView } from '../store/store.js'
import { SessionHead } from './SessionHead.js'
import { WaterfallView } from './WaterfallView.js'

/** One session: what it did, over time. */
export function RunView() {
  const run = useRun()
  const session = useSession()
  const { sessionId } = useView()
  const waterfall = useMemo(() => (sessionId === null ? undefined : waterfallOf(run, sessionId)), [run, sessionId])
  const history = run.histories.get(sessionId ?? '')
  if (!session || !waterfall || !history) {
    const text = sessionId === null ? 'Choose a session' : `There is no ${sessionId} in this log`
    return <p className="empty">{run.head === 0 ? 'The log is empty: nothing has happened yet' : text}</p>
  }
  return (
    <>
      <SessionHead session={session} />
      <WaterfallView key={session.sessionId} waterfall={waterfall} history={history} />
    </>
  )
}
