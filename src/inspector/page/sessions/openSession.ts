import type { SessionEntry } from '../../model/index.js'
import type { PageState, PageStore } from '../store/store.js'
import { sessionChosen } from '../store/view.js'

/** Looks at a session. The slider stays where it is if the session was there then, or goes to where it ended. */
export function openSession({ sessionId, firstSeq, lastSeq }: SessionEntry) {
  return (dispatch: PageStore['dispatch'], getState: () => PageState): void => {
    const { seq } = getState().view
    const isWithin = seq !== null && seq >= firstSeq && seq <= lastSeq
    dispatch(sessionChosen({ sessionId, seq: isWithin ? seq : lastSeq }))
  }
}
