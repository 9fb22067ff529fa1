import { useId, useMemo } from 'react'
import { listThreads } from '../../model/index.js'
import { useLogs } from '../data/logs.js'
import type { Part } from './part.js'

interface Props {
  readonly side: 'A' | 'B'
  readonly part: Part
  readonly onChange: (part: Part) => void
}

/** More than this are not suggested: who knows the id writes it. */
const SUGGESTED = 500

export function PartChooser({ side, part, onChange }: Props) {
  const list = useId()
  const logs = useLogs()
  const ids = useMemo(() => idsOf(part.kind, logs[part.log]?.run.sessions ?? []), [part, logs])
  const toKind = (kind: Part['kind']) => {
    const [id = ''] = idsOf(kind, logs[part.log]?.run.sessions ?? [])
    onChange({ ...part, kind, id })
  }
  return (
    <fieldset className={`part side-${side.toLowerCase()}`}>
      <legend className="hidden-text">Side {side}</legend>
      <span className="side-letter" aria-hidden>
        {side}
      </span>
      {logs.length > 1 ? (
        <select
          className="field"
          aria-label={`Log of ${side}`}
          value={part.log}
          onChange={({ target }) => onChange({ log: Number(target.value), kind: 'all', id: '' })}
        >
          {logs.map(({ log }) => (
            <option key={log.index} value={log.index}>
              {log.name}
            </option>
          ))}
        </select>
      ) : null}
      <select
        className="field"
        aria-label={`Part of ${side}`}
        value={part.kind}
        onChange={({ target }) => toKind(target.value as Part['kind'])}
      >
        <option value="all">whole log</option>
        <option value="thread">thread</option>
        <option value="session">session</option>
      </select>
      {part.kind === 'all' ? null : (
        <input
          key={`${part.log} ${part.kind} ${part.id}`}
          className="field"
          aria-label={`${part.kind} of ${side}`}
          list={list}
          defaultValue={part.id}
          spellCheck={false}
          onChange={({ target }) => {
            if (ids.includes(target.value)) onChange({ ...part, id: target.value })
          }}
          onBlur={({ target }) => onChange({ ...part, id: target.value })}
        />
      )}
      <datalist id={list}>
        {ids.slice(0, SUGGESTED).map((id) => (
          <option key={id} value={id} />
        ))}
      </datalist>
    </fieldset>
  )
}

function idsOf(kind: Part['kind'], sessions: Parameters<typeof listThreads>[0]): readonly string[] {
  if (kind === 'all') return []
  return kind === 'thread'
    ? listThreads(sessions).map(({ threadId }) => threadId)
    : sessions.map(({ sessionId }) => sessionId)
}
