import { useDeferredValue, useMemo, useState } from 'react'
import { listThreads } from '../../model/index.js'
import { useRun } from '../data/logs.js'
import { plural } from '../format.js'
import { TabPanel, Tabs } from '../parts/Tabs.js'
import { useView } from '../store/store.js'
import { totalCost } from './columns.js'
import { isFound, isThreadFound } from './search.js'
import { SearchField } from './SearchField.js'
import { SessionGrid } from './SessionGrid.js'
import { ThreadGrid } from './ThreadGrid.js'
import { ThreadFilter } from './ThreadFilter.js'

/** All sessions and threads of the log, to choose one. */
export function SessionsPane() {
  const { sessions } = useRun()
  const { threadId } = useView()
  const [list, setList] = useState<'sessions' | 'threads'>('sessions')
  const [search, setSearch] = useState('')
  const searched = useDeferredValue(search)
  const threads = useMemo(() => listThreads(sessions), [sessions])
  const found = useMemo(
    () => sessions.filter((entry) => isFound(entry, searched) && (threadId ?? entry.threadId) === entry.threadId),
    [sessions, searched, threadId],
  )
  const foundThreads = useMemo(() => threads.filter((entry) => isThreadFound(entry, searched)), [threads, searched])

  return (
    <aside className="pane sessions" aria-label="Sessions and threads">
      <div className="pane-head">
        <Tabs
          label="List"
          name="list"
          tabs={[
            { id: 'sessions', label: 'Sessions', count: sessions.length },
            { id: 'threads', label: 'Threads', count: threads.length },
          ]}
          selected={list}
          onSelect={setList}
        />
      </div>
      <SearchField value={search} onChange={setSearch} />
      {list === 'sessions' ? <ThreadFilter /> : null}
      <TabPanel name="list" id={list} className="column">
        {list === 'sessions' ? (
          <SessionGrid entries={found} />
        ) : (
          <ThreadGrid entries={foundThreads} onOpen={() => setList('sessions')} />
        )}
      </TabPanel>
      <p className="pane-foot" role="status">
        {plural(found.length, 'session')}, {totalCost(found)}
      </p>
    </aside>
  )
}
