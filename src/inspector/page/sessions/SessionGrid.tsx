import { memo, useCallback } from 'react'
import type { SessionEntry } from '../../model/index.js'
import { Grid } from '../grid/Grid.js'
import { usePageDispatch, useView } from '../store/store.js'
import { openSession } from './openSession.js'
import { SESSION_COLUMNS } from './columns.js'

const keyOf = ({ sessionId }: SessionEntry) => sessionId

export const SessionGrid = memo(function SessionGrid({ entries }: { readonly entries: readonly SessionEntry[] }) {
  const { sessionId } = useView()
  const dispatch = usePageDispatch()
  const select = useCallback((entry: SessionEntry) => dispatch(openSession(entry)), [dispatch])
  return (
    <Grid
      label="Sessions"
      columns={SESSION_COLUMNS}
      rows={entries}
      keyOf={keyOf}
      selectedKey={sessionId}
      onSelect={select}
      empty="No session is found"
    />
  )
})
