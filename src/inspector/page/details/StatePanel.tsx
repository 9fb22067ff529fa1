import { useMemo, useState } from 'react'
import { sessionAt, type StateChange } from '../../model/index.js'
import { useRun } from '../data/logs.js'
import { plural } from '../format.js'
import { Segments } from '../parts/Segments.js'
import { useView } from '../store/store.js'
import { JsonTree } from '../tree/JsonTree.js'
import { useOpenPaths } from '../tree/useOpenPaths.js'
import { pathOf, withParents } from '../tree/treeRows.js'

interface Props {
  readonly seq: number
  readonly changes: readonly StateChange[]
}

const OPEN_AT_FIRST = ['/turns', '/tools', '/tokens', '/budget', '/inFlight', '/pending', '/breakers', '/sessions']

/** The state after the fact, of the session or all of it. What the fact changed is marked. */
export function StatePanel({ seq, changes }: Props) {
  const run = useRun()
  const { sessionId } = useView()
  const [part, setPart] = useState<'session' | 'all'>('session')
  const { open, toggle } = useOpenPaths(OPEN_AT_FIRST)
  const isPart = part === 'session' && sessionId !== null
  const value = isPart ? sessionAt(run, seq, sessionId) : run.readableAt(seq)
  const outside = isPart ? changes.length - changesIn(changes, ['sessions', sessionId]).length : 0
  const marked = useMemo(
    () => markedPaths(changes, isPart ? ['sessions', sessionId] : []),
    [changes, isPart, sessionId],
  )

  return (
    <>
      <div className="panel-tools">
        <Segments
          label="State of"
          options={[
            { value: 'session', label: sessionId ?? 'Session' },
            { value: 'all', label: 'Everything' },
          ]}
          value={isPart ? 'session' : 'all'}
          onChange={setPart}
        />
        {isPart && outside > 0 ? <span className="faint">{plural(outside, 'change')} elsewhere</span> : null}
      </div>
      {value ? (
        <JsonTree label="State" value={value} open={open} onToggle={toggle} marked={marked} />
      ) : (
        <p className="empty">{sessionId} is not known at this fact</p>
      )}
    </>
  )
}

function changesIn(changes: readonly StateChange[], root: readonly string[]): readonly StateChange[] {
  return changes.filter(({ path }) => root.every((name, index) => path[index] === name))
}

/** Below a root, with all that they are in. */
function markedPaths(changes: readonly StateChange[], root: readonly string[]): ReadonlySet<string> {
  const paths = changesIn(changes, root).map(({ path }) => path.slice(root.length).reduce(pathOf, ''))
  return new Set(paths.flatMap(withParents))
}
