import { memo, useCallback } from 'react'
import type { ThreadEntry } from '../../model/index.js'
import { useRun } from '../data/logs.js'
import { Grid } from '../grid/Grid.js'
import { usePageDispatch, useView } from '../store/store.js'
import { threadChosen } from '../store/view.js'
import { THREAD_COLUMNS } from './columns.js'
import { openSession } from './openSession.js'

const keyOf = ({ threadId }: ThreadEntry) => threadId

interface Props {
  readonly entries: readonly ThreadEntry[]
  /** By Enter, and by a double click: its sessions are listed. */
  readonly onOpen: () => void
}

export const ThreadGrid = memo(function ThreadGrid({ entries, onOpen }: Props) {
  const { sessions } = useRun()
  const { threadId } = useView()
  const dispatch = usePageDispatch()
  const select = useCallback(
    (thread: ThreadEntry) => {
      dispatch(threadChosen(thread.threadId))
      const last = sessions.findLast(({ threadId }) => threadId === thread.threadId)
      if (last) dispatch(openSession(last))
    },
    [dispatch, sessions],
  )
  return (
    <Grid
      label="Threads"
      columns={THREAD_COLUMNS}
      rows={entries}
      keyOf={keyOf}
      selectedKey={threadId}
      onSelect={select}
      onOpen={onOpen}
      empty="No thread is found"
    />
  )
})
