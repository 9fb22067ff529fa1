import {
  AgentRuntimeError,
  BudgetExceededError,
  CircuitOpenError,
  GovernanceBreachError,
  GuardrailViolatedError,
  MaxIterationsExceededError,
  PermissionDeniedError,
  RateLimitExceededError,
  TurnTimeoutError,
  UsageLimitExceededError,
} from '../../src/index.js'
import { Pending } from './suite.js'

/** How a vector describes an error to raise. */
export interface ErrorDescription {
  readonly type: string
  readonly message?: string
  readonly cause?: ErrorDescription
  readonly causeIsTop?: boolean
  readonly errors?: readonly ErrorDescription[]
  readonly [field: string]: unknown
}

const SYSTEM_CODES: Readonly<Record<string, string>> = {
  connection_refused: 'ECONNREFUSED',
  connection_reset: 'ECONNRESET',
  connection: 'EPIPE',
  os_error: 'EIO',
}

/** An error of the kind that a JavaScript program meets in the described case. */
export function raisable(description: ErrorDescription): Error {
  const top = build(description, undefined)
  return top
}

function build(description: ErrorDescription, outermost: Error | undefined): Error {
  const error = bare(description)
  const top = outermost ?? error
  if (description.causeIsTop) error.cause = top
  else if (description.cause) error.cause = build(description.cause, top)
  return error
}

function bare(description: ErrorDescription): Error {
  const { type, message = '' } = description
  const code = SYSTEM_CODES[type]
  if (code !== undefined) return Object.assign(new Error(message), { code })
  switch (type) {
    case 'generic':
      return new Error(message)
    case 'timeout':
      return Object.assign(new Error(message), { name: 'TimeoutError' })
    case 'json_decode':
      return new SyntaxError(message)
    case 'value_error':
      return new RangeError(message)
    case 'type_error':
      return new TypeError(message)
    case 'aggregate':
      return new AggregateError(
        (description.errors ?? []).map((inner) => build(inner, undefined)),
        message,
      )
    default:
      return ownError(description)
  }
}

function ownError(description: ErrorDescription): AgentRuntimeError {
  const field = (name: string): never => description[name] as never
  switch (description.type) {
    case 'turn_timeout':
      return new TurnTimeoutError(field('timeoutSeconds') * 1_000)
    case 'budget_exceeded':
      return new BudgetExceededError(field('budgetUsd'), field('currentCostUsd'), true)
    case 'usage_limit_exceeded': {
      const exceeded = { limitName: field('limitName'), observed: field('observed'), ceiling: field('ceiling') }
      return new UsageLimitExceededError(exceeded, true)
    }
    case 'rate_limit_exceeded':
      return new RateLimitExceededError(field('bucket'), field('tokens'), null)
    case 'governance_breach': {
      const numbers = { observed: field('observed'), ceiling: field('ceiling') }
      return new GovernanceBreachError({ limitName: field('limitName'), ...numbers, scope: 'session' })
    }
    case 'max_iterations_exceeded':
      return new MaxIterationsExceededError(field('maxIterations'))
    case 'permission_denied':
      return new PermissionDeniedError('r', 'x', field('reason'))
    case 'guardrail_violated': {
      const violation = { guardrail: 'g', stage: 'post', reason: field('reason') } as const
      return new GuardrailViolatedError([violation], { kind: 'tool', name: 't', role: 'r' })
    }
    case 'circuit_open':
      return new CircuitOpenError(field('name'), null)
    default:
      throw new Pending(`the ${description.type} error`)
  }
}

const CATEGORIES: Readonly<Record<string, string>> = {
  invalid_argument: 'validation',
  session_ended: 'state_error',
  input_pending: 'state_error',
  no_pending_request: 'state_error',
}

/** The category of an error, in the words of the vectors. `raised`: the errors that the case itself raises. */
export function categoryOf(error: unknown, raised: readonly unknown[] = []): string {
  if (raised.includes(error)) return 'user_error'
  if (error instanceof AgentRuntimeError) return CATEGORIES[error.code] ?? error.code
  if (error instanceof Error && error.name === 'AbortError') return 'cancelled'
  throw error
}

/** What the call did: its result, or the category of its error. */
export async function attempt<T>(
  call: () => T | Promise<T>,
  raised: readonly unknown[] = [],
): Promise<{ readonly value?: T; readonly error?: string; readonly thrown?: unknown }> {
  try {
    return { value: await call() }
  } catch (error) {
    return { error: categoryOf(error, raised), thrown: error }
  }
}
