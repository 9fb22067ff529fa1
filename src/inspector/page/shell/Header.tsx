import type { ServedLog } from '../../model/index.js'
import { useLogs, useRun } from '../data/logs.js'
import { formatCost, formatInstant, plural } from '../format.js'
import { Tabs } from '../parts/Tabs.js'
import { usePageDispatch, useView } from '../store/store.js'
import { pageChosen } from '../store/view.js'
import { KeysHelp } from './KeysHelp.js'
import { LogChooser } from './LogChooser.js'
import { ThemeButton } from './ThemeButton.js'

export function Header({ log }: { readonly log: ServedLog }) {
  const run = useRun()
  const logs = useLogs()
  const { page } = useView()
  const dispatch = usePageDispatch()
  return (
    <header className="header">
      <h1 className="brand">Inspector</h1>
      {logs.length > 1 ? <LogChooser /> : <strong className="cut">{log.name}</strong>}
      <span className="faint cut">
        {plural(run.head, 'fact')} · {plural(run.sessions.length, 'session')} · {formatCost(run.cost.usd.at(-1) ?? 0)}
        {run.firstAt > 0 ? ` · from ${formatInstant(run.firstAt).slice(0, 16)}` : ''}
      </span>
      {log.notes.length > 0 ? (
        <span className="status warn cut" title={log.notes.join('\n')}>
          {log.notes[0]}
        </span>
      ) : null}
      <div className="header-end">
        <Tabs
          label="View"
          name="page"
          tabs={[
            { id: 'run', label: 'Run' },
            { id: 'compare', label: 'Compare' },
            { id: 'what-if', label: 'What if' },
          ]}
          selected={page}
          onSelect={(id) => dispatch(pageChosen(id))}
        />
        <KeysHelp />
        <ThemeButton />
      </div>
    </header>
  )
}
