import type { ReactNode } from 'react'
import type { SessionEntry } from '../../model/index.js'
import { useRun } from '../data/logs.js'
import { formatCost, formatCount, formatDuration } from '../format.js'
import { Icon } from '../parts/Icon.js'
import { StatusBadge } from '../parts/StatusBadge.js'
import { openSession } from '../sessions/openSession.js'
import { Cost } from '../sessions/Cost.js'
import { usePageDispatch } from '../store/store.js'

/** One session, in numbers. */
export function SessionHead({ session }: { readonly session: SessionEntry }) {
  const { sessionId, role, phase, threadId, status, why, turns, tools, inputTokens, outputTokens } = session
  return (
    <header className="session-head">
      <div className="session-title">
        <h2>
          {sessionId} <span className="muted">{role}</span>
        </h2>
        <StatusBadge status={status} />
        {why ? (
          <span className="cut faint" title={why}>
            {why}
          </span>
        ) : null}
        <span className="session-links">
          {session.from === null ? null : <SessionLink id={session.from} label="from" />}
          {session.to === null ? null : <SessionLink id={session.to} label="to" />}
        </span>
      </div>
      <dl className="numbers">
        <Number name="Cost">
          <Cost {...session} />
        </Number>
        {session.budgetUsd === null ? null : <Number name="Budget">{formatCost(session.budgetUsd)}</Number>}
        <Number name="Turns">{formatCount(turns)}</Number>
        <Number name="Tools">{formatCount(tools)}</Number>
        <Number name="Tokens in">{formatCount(inputTokens)}</Number>
        <Number name="Tokens out">{formatCount(outputTokens)}</Number>
        <Number name="Took">{formatDuration(session.durationMs)}</Number>
        <Number name="Phase">{phase}</Number>
        {threadId === null ? null : <Number name="Thread">{threadId}</Number>}
      </dl>
    </header>
  )
}

function Number({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div className="number-pair">
      <dt>{name}</dt>
      <dd className="cut">{children}</dd>
    </div>
  )
}

function SessionLink({ id, label }: { readonly id: string; readonly label: 'from' | 'to' }) {
  const { sessions } = useRun()
  const dispatch = usePageDispatch()
  const target = sessions.find(({ sessionId }) => sessionId === id)
  if (!target) return null
  return (
    <button type="button" className="button plain" onClick={() => dispatch(openSession(target))}>
      {label === 'to' ? <Icon name="handoff" label="handed off to" /> : null}
      {id} {target.role}
      {label === 'from' ? <Icon name="handoff" label="handed off to this one" /> : null}
    </button>
  )
}
