import { BudgetExceededError, UnpricedModelError } from '../slices/budgets.js'
import type { RecordedError } from '../slices/rules/answers.js'
import { CircuitOpenError } from '../slices/rules/breaker.js'
import {
  AgentRuntimeError,
  errorName,
  InvalidArgumentError,
  isRuntimeError,
  NotFoundError,
  PaidTurnError,
  readField,
  tryRead,
} from '../slices/rules/errors.js'
import { isPlainObject, type Json, type JsonObject } from '../slices/rules/json.js'
import { GovernanceBreachError } from '../slices/rules/governance.js'
import { InvalidTransitionError } from '../slices/rules/lifecycle.js'
import { RateLimitExceededError } from '../slices/rules/tokenBucket.js'
import { UsageLimitExceededError } from '../slices/rules/usageLimits.js'
import { MaxIterationsExceededError } from '../slices/turns.js'
import { ApprovalRejectedError } from './approvals.js'
import { GuardrailViolatedError } from './guardrails.js'
import { IdempotencyConflictError, ResultNotSerializableError } from './idempotency.js'
import { InputPendingError, InputTimeoutError } from './inputErrors.js'
import { recordableTurn } from './recordedTurn.js'
import { recordable, type Recordable, type RecordedAbout, type Redact } from './recording.js'
import { SessionCancelledError, SessionEndedError } from './sessionErrors.js'
import { PermissionDeniedError, ToolTimeoutError } from './toolRequest.js'
import { StreamAbandonedError, TurnTimeoutError, UsageUnreadableError, type TurnResult } from './turnRequest.js'

/** The errors that a call of a session may throw by itself. Those of the user's functions come back as plain errors. */
const classes: readonly { readonly name: string; readonly prototype: AgentRuntimeError }[] = [
  ApprovalRejectedError,
  BudgetExceededError,
  CircuitOpenError,
  GovernanceBreachError,
  GuardrailViolatedError,
  IdempotencyConflictError,
  InputPendingError,
  InputTimeoutError,
  InvalidArgumentError,
  InvalidTransitionError,
  MaxIterationsExceededError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitExceededError,
  ResultNotSerializableError,
  SessionCancelledError,
  SessionEndedError,
  StreamAbandonedError,
  ToolTimeoutError,
  TurnTimeoutError,
  UnpricedModelError,
  UsageLimitExceededError,
  UsageUnreadableError,
]

/** What of an error is kept: its name, what it said, its own fields that are JSON, and what a paid turn had returned. */
export function recordError(error: unknown, redact: Redact | undefined, about: RecordedAbout): RecordedError {
  if (typeof error !== 'object' || error === null) {
    const thrown = kept(error, redact, about)
    return { name: typeof error, message: '', fields: {}, ...(thrown === undefined ? {} : { thrown }) }
  }
  const said = readField(error, 'message')
  const message = kept(typeof said === 'string' ? said : '', redact, about)
  const result = isRuntimeError(error) && error instanceof PaidTurnError ? keptResult(error, redact, about) : undefined
  return {
    name: errorName(error),
    message: typeof message === 'string' ? message : '',
    fields: fieldsOf(error, redact, about),
    ...(result === undefined ? {} : { result }),
  }
}

/** An error like the one that was recorded: of its class if that is one of this runtime's. */
export function restoreError({ name, message, fields, result, thrown }: RecordedError): unknown {
  if (thrown !== undefined) return structuredClone(thrown)
  if (name === 'undefined') return undefined
  const known = classes.find((candidate) => candidate.name === name)
  if (!known) return Object.assign(withName(new Error(message), name), structuredClone(fields))
  const isPaid = known.prototype instanceof PaidTurnError
  const error = Reflect.construct(isPaid ? PaidTurnError : AgentRuntimeError, [message], known as never) as Error
  Object.assign(error, { name }, structuredClone(fields))
  if (error instanceof PaidTurnError && result !== undefined) error.after(structuredClone(result))
  return error
}

function fieldsOf(error: object, redact: Redact | undefined, about: RecordedAbout): JsonObject {
  const fields: Record<string, Json> = {}
  for (const field of new Set([...(tryRead(() => Object.keys(error)) ?? []), 'code', 'status'])) {
    const value = readField(error, field)
    if (field === 'name' || field === 'message' || field === 'stack' || value === undefined) continue
    // By its code a runtime's error is known.
    const recorded = kept(value, field === 'code' && isRuntimeError(error) ? undefined : redact, about)
    if (recorded !== undefined) fields[field] = recorded
  }
  return fields
}

function keptResult({ result }: PaidTurnError, redact: Redact | undefined, about: RecordedAbout): Json | undefined {
  if (!isPlainObject(result)) return undefined
  const record = (value: unknown): Recordable => recordable(value, redact, about)
  const recorded = recordableTurn(result as unknown as TurnResult<unknown>, record)
  return 'lost' in recorded ? undefined : recorded.value
}

function kept(value: unknown, redact: Redact | undefined, about: RecordedAbout): Json | undefined {
  const recorded = recordable(value, redact, about)
  return 'lost' in recorded ? undefined : recorded.value
}

function withName(error: Error, name: string): Error {
  return Object.defineProperty(error, 'name', { value: name, configurable: true, writable: true, enumerable: false })
}
