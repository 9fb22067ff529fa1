import { describe, expect, it } from 'vitest'
import { fingerprint } from '../../slices/rules/fingerprint.js'
import * as api from '../../src/index.js'
import { createTestRuntime } from '../support/runtime.js'

describe('a fingerprint', () => {
  it('is the same for equal JSON, another for other JSON, and none for what is no JSON [ARG-8]', () => {
    expect(fingerprint({})).toBe('3ff9b36c5c62bb01')
    expect(fingerprint({ tool: 'search', args: { query: 'RAG', top: 3 } })).toBe('b226e4848177c9e1')
    expect(fingerprint({ args: { top: 3, query: 'RAG' }, tool: 'search' })).toBe('b226e4848177c9e1')
    expect(fingerprint({ tool: 'search', args: { query: 'RAG', top: 4 } })).not.toBe('b226e4848177c9e1')
    expect(fingerprint({ at: new Date(0) })).toBeNull()
    expect(fingerprint(undefined)).toBeNull()
  })
})

describe('the errors of the runtime', () => {
  const codes = {
    AlreadyRegisteredError: 'already_registered',
    ApprovalMismatchError: 'approval_mismatch',
    ApprovalRejectedError: 'approval_rejected',
    BudgetExceededError: 'budget_exceeded',
    CircuitOpenError: 'circuit_open',
    ConcurrentWriterError: 'concurrent_writer',
    GovernanceBreachError: 'governance_breach',
    GuardrailViolatedError: 'guardrail_violated',
    HookBudgetExceededError: 'hook_budget_exceeded',
    IdempotencyConflictError: 'idempotency_conflict',
    InputPendingError: 'input_pending',
    InputRejectedError: 'input_rejected',
    InputTimeoutError: 'input_timeout',
    InvalidArgumentError: 'invalid_argument',
    InvalidTransitionError: 'invalid_transition',
    LogCorruptError: 'log_corrupt',
    LogUnavailableError: 'log_unavailable',
    LogVersionError: 'log_version',
    MaxIterationsExceededError: 'max_iterations_exceeded',
    ModuleNotConnectedError: 'module_not_connected',
    NoPendingRequestError: 'no_pending_request',
    NotFoundError: 'not_found',
    OutcomeUnknownError: 'outcome_unknown',
    OutputInvalidError: 'output_invalid',
    PermissionDeniedError: 'permission_denied',
    RateLimitExceededError: 'rate_limit_exceeded',
    ReplayDivergenceError: 'replay_divergence',
    ResultNotSerializableError: 'result_not_serializable',
    RuntimeDrainingError: 'runtime_draining',
    SessionCancelledError: 'cancelled',
    SessionEndedError: 'session_ended',
    SessionParkedError: 'session_parked',
    SinkFlushTimeoutError: 'sink_flush_timeout',
    ThreadBusyError: 'thread_busy',
    ThreadNotResumableError: 'thread_not_resumable',
    TimeTravellingError: 'time_travelling',
    ToolTimeoutError: 'tool_timeout',
    TurnTimeoutError: 'turn_timeout',
    UnpricedModelError: 'unpriced_model',
    UsageLimitExceededError: 'usage_limit_exceeded',
    UsageUnreadableError: 'usage_unreadable',
  }
  const argumentsOf: Readonly<Record<string, readonly unknown[]>> = {
    BudgetExceededError: [1, 1, true],
    GuardrailViolatedError: [[{ guardrail: 'g', stage: 'pre', reason: null }], {}],
    SinkFlushTimeoutError: [1, []],
  }
  type ErrorClass = new (...args: unknown[]) => Error & { readonly code: string }
  const classes = Object.entries(api).filter(
    ([name, exported]) => name.endsWith('Error') && !['AgentRuntimeError', 'PaidTurnError'].includes(name) && exported,
  ) as unknown as [string, ErrorClass][]

  it('are these, each with a name and a code of its own [ERR-1]', () => {
    expect(classes.map(([name]) => name).sort()).toEqual(Object.keys(codes))
    for (const [name, ErrorOf] of classes) {
      const error = new ErrorOf(...(argumentsOf[name] ?? [{}, 1, {}, 1]))
      expect(error).toBeInstanceOf(api.AgentRuntimeError)
      expect([error.name, error.code]).toEqual([name, codes[name as keyof typeof codes]])
    }
  })

  it('say what happened in one line [ERR-1]', () => {
    const { runtime } = createTestRuntime()
    expect(() => runtime.breaker('api')).toThrow('no breaker is known as "api"')
    expect(new api.AlreadyRegisteredError('pricing', 'm').message).toBe('pricing "m" is already registered')
    expect(new api.BudgetExceededError(0.5, 0.25, false, 0.5).message).toBe(
      'budget exceeded: $0.25 + $0.50 promised > $0.50',
    )
    expect(new api.RateLimitExceededError('rpm', 1, 1_500.2).message).toBe(
      "rate limit exceeded: 'rpm' has 1 in 1501 ms at the earliest",
    )
    expect(new api.TurnTimeoutError(250).message).toBe('turn exceeded timeout of 0.250s')
    expect(new api.ToolTimeoutError('search', 1_000).message).toBe("tool 'search' exceeded timeout of 1.000s")
    expect(new api.InvalidTransitionError('idle', 'completed').message).toBe('cannot go from idle to completed')
    expect(new api.CircuitOpenError('api', null).message).toBe("circuit breaker 'api' is open")
  })
})
