import { AgentRuntimeError, InvalidArgumentError } from './errors.js'

export const LIFECYCLE_STATUSES = [
  'idle',
  'initializing',
  'waiting_for_input',
  'running',
  'completed',
  'failed',
  'cancelled',
] as const

export type LifecycleStatus = (typeof LIFECYCLE_STATUSES)[number]
export type TerminalStatus = 'completed' | 'failed' | 'cancelled'

const NEXT: Readonly<Record<LifecycleStatus, readonly LifecycleStatus[]>> = {
  idle: ['initializing', 'failed', 'cancelled'],
  initializing: ['waiting_for_input', 'running', 'failed', 'cancelled'],
  waiting_for_input: ['running', 'failed', 'cancelled'],
  running: ['waiting_for_input', 'completed', 'failed', 'cancelled'],
  completed: [],
  failed: [],
  cancelled: [],
}

/** Where one worker stands, and how often it has moved. */
export interface Lifecycle {
  readonly status: LifecycleStatus
  /** Transitions so far. */
  readonly seq: number
  /** Why it is in this status, if anybody said. */
  readonly detail: string | null
  readonly lastError: string | null
}

export const idleLifecycle: Lifecycle = { status: 'idle', seq: 0, detail: null, lastError: null }

export class InvalidTransitionError extends AgentRuntimeError {
  override readonly name = 'InvalidTransitionError'
  readonly code = 'invalid_transition'

  constructor(
    readonly from: LifecycleStatus,
    readonly to: LifecycleStatus,
  ) {
    super(`cannot go from ${from} to ${to}`)
  }
}

export function isTerminal(status: LifecycleStatus): status is TerminalStatus {
  return NEXT[status].length === 0
}

export function canTransition(from: LifecycleStatus, to: LifecycleStatus): boolean {
  return NEXT[from].includes(to)
}

/**
 * The lifecycle after moving to `to`. A transition to `failed` with a non-empty detail also becomes the last error.
 *
 * @throws {InvalidTransitionError} `to` cannot follow the present status; a status never follows itself.
 * @throws {InvalidArgumentError} `to` is no lifecycle status.
 */
export function transition(lifecycle: Lifecycle, to: LifecycleStatus, detail?: string): Lifecycle {
  if (!LIFECYCLE_STATUSES.includes(to)) {
    throw new InvalidArgumentError('status', to, `one of ${LIFECYCLE_STATUSES.join(', ')}`)
  }
  if (!canTransition(lifecycle.status, to)) throw new InvalidTransitionError(lifecycle.status, to)
  return {
    status: to,
    seq: lifecycle.seq + 1,
    detail: detail ?? null,
    lastError: to === 'failed' && detail ? detail : lifecycle.lastError,
  }
}
