import type { Span, SpanKind, SpanStatus } from '../../model/index.js'
import { formatCost, formatDuration } from '../format.js'
import type { IconName } from '../parts/Icon.js'

interface KindLook {
  readonly icon: IconName
  /** The custom property of its colour. */
  readonly color: string
  readonly name: string
}

export const KINDS: Readonly<Record<SpanKind, KindLook>> = {
  session: { icon: 'session', color: '--handoff', name: 'session' },
  turn: { icon: 'turn', color: '--turn', name: 'turn' },
  attempt: { icon: 'turn', color: '--turn', name: 'call' },
  tool: { icon: 'tool', color: '--tool', name: 'tool' },
  recovery: { icon: 'recovery', color: '--recovery', name: 'recovery' },
  input: { icon: 'person', color: '--person', name: 'question' },
  approval: { icon: 'person', color: '--person', name: 'approval' },
  gate: { icon: 'gate', color: '--gate', name: 'gate' },
  policy: { icon: 'policy', color: '--gate', name: 'policy' },
  handoff: { icon: 'handoff', color: '--handoff', name: 'handoff' },
  parked: { icon: 'parked', color: '--wait', name: 'parked' },
  limit: { icon: 'budget', color: '--warn', name: 'limit' },
}

interface StatusLook {
  readonly icon: IconName
  readonly tone: 'good' | 'bad' | 'warn' | 'live' | 'quiet'
}

export const STATUSES: Readonly<Record<SpanStatus, StatusLook>> = {
  running: { icon: 'running', tone: 'live' },
  completed: { icon: 'done', tone: 'good' },
  failed: { icon: 'failed', tone: 'bad' },
  cancelled: { icon: 'blocked', tone: 'quiet' },
  refused: { icon: 'blocked', tone: 'bad' },
  blocked: { icon: 'blocked', tone: 'bad' },
  replayed: { icon: 'answer', tone: 'quiet' },
  interrupted: { icon: 'failed', tone: 'bad' },
  parked: { icon: 'parked', tone: 'quiet' },
  waiting: { icon: 'waiting', tone: 'warn' },
  expired: { icon: 'waiting', tone: 'bad' },
  warned: { icon: 'waiting', tone: 'warn' },
}

export function spanDuration({ startMs, endMs }: Span): string {
  return endMs > startMs ? formatDuration(endMs - startMs) : ''
}

/** All that its row tells, for those who cannot see it. */
export function spanLabel(span: Span): string {
  const { kind, label, status, detail, costUsd } = span
  const cost = costUsd ? formatCost(costUsd) : null
  return [`${KINDS[kind].name} ${label}`, status, detail, spanDuration(span), cost].filter(Boolean).join(', ')
}
