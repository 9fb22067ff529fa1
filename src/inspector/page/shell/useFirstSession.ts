import { useEffect } from 'react'
import { useRun } from '../data/logs.js'
import { openSession } from '../sessions/openSession.js'
import { usePageDispatch, useView } from '../store/store.js'

/** Where the address names no session, the first one is looked at. */
export function useFirstSession(): void {
  const { sessions } = useRun()
  const { sessionId } = useView()
  const dispatch = usePageDispatch()
  useEffect(() => {
    const [first] = sessions
    if (sessionId === null && first) dispatch(openSession(first))
  }, [sessions, sessionId, dispatch])
}
