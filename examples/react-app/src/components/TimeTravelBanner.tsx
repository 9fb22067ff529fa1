import { useApp, useAppSelector, useIsLive } from '../app/context.js'

/** Says that the page shows the past, or another history, and leads back. */
export function TimeTravelBanner() {
  const { agents, runtime, goLive } = useApp()
  const isLive = useIsLive()
  const shownSeq = useAppSelector((root) => root[agents.reducerPath].seq)
  if (isLive) return null
  return (
    <div className="banner" role="status">
      <p>
        This is the state after fact {shownSeq}, and the log is at fact {runtime.log.head()}. No model is called
        meanwhile.
      </p>
      <button type="button" className="primary" onClick={() => void goLive()}>
        Go live
      </button>
    </div>
  )
}
