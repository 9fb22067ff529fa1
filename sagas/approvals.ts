import { approvalRequested, approvalResolved, toolBlocked, type RequestId, type SessionId } from '../slices/facts.js'
import type { PendingApproval } from '../slices/requests.js'
import { AgentRuntimeError, assertArgument } from '../slices/rules/errors.js'
import { fingerprint } from '../slices/rules/fingerprint.js'
import { findNonJson, type Json } from '../slices/rules/json.js'
import { selectSession } from '../slices/sessions.js'
import type { RunningCall } from './calls.js'
import type { Context } from './context.js'
import { wait, type Saga } from './effects.js'
import { nextRequestId, NoPendingRequestError } from './input.js'
import { waitForPerson } from './people.js'

/** When a tool call waits for a person, and what the person is shown. */
export interface ApprovalRule {
  /** Whether this call needs an approval. */
  isNeeded(args: unknown): boolean | PromiseLike<boolean>
  /** Kept in the log, so that anybody can show it: nothing that must stay secret. */
  preview(args: unknown): Json
  /** `null`: waits for ever. */
  readonly timeoutMs: number | null
}

/** A person decided that the tool must not be called, or nobody decided in time. It was not called. */
export class ApprovalRejectedError extends AgentRuntimeError {
  override readonly name = 'ApprovalRejectedError'
  readonly code = 'approval_rejected'

  /** @param reason - What the person said, if anything. */
  constructor(
    readonly tool: string,
    readonly requestId: RequestId,
    readonly decision: 'rejected' | 'expired',
    readonly reason: string | null,
  ) {
    super(`tool '${tool}' was not approved: ${reason ?? decision}`)
  }
}

/** The approval was given for a call with other arguments. Nothing was approved. */
export class ApprovalMismatchError extends AgentRuntimeError {
  override readonly name = 'ApprovalMismatchError'
  readonly code = 'approval_mismatch'

  constructor(
    readonly requestId: RequestId,
    readonly fingerprint: string | null,
    readonly expected: string | null,
  ) {
    super(`${requestId} is about a call with fingerprint ${String(expected)}, not ${String(fingerprint)}`)
  }
}

/** What a person decided about one tool call. */
export interface ApprovalDecision {
  readonly requestId: RequestId
  /** As the request had it: an approval holds for exactly the arguments it was given for. */
  readonly fingerprint: string | null
  readonly decision: 'approved' | 'edited' | 'rejected'
  /** The arguments to call the tool with instead. Only with `'edited'`. */
  readonly args?: Json
  readonly reason?: string
}

type Decided = Omit<ApprovalDecision, 'decision'> & { readonly decision: ApprovalDecision['decision'] | 'expired' }

interface ToApprove {
  readonly sessionId: SessionId
  readonly tool: string
  readonly args: unknown
  readonly approval: ApprovalRule | null
}

/**
 * Waits for a person where the call needs one, and returns the arguments to call the tool with.
 *
 * @throws {ApprovalRejectedError} It is recorded.
 */
export function* approve(context: Context, request: ToApprove, call: RunningCall): Saga<unknown> {
  const { sessionId, tool, args, approval } = request
  if (!approval || !(yield* wait(approval.isNeeded(args)))) return args
  const { requestId, decision, reason = null, args: edited } = yield* askForApproval(context, request, approval, call)
  if (decision === 'approved') return args
  if (decision === 'edited') return structuredClone(edited)
  context.record(toolBlocked({ sessionId, tool, toolCallId: null, by: { kind: 'approval' } }))
  throw new ApprovalRejectedError(tool, requestId, decision, reason)
}

/**
 * @throws {NoPendingRequestError} Nobody asks for this approval, or it was answered already.
 * @throws {ApprovalMismatchError} It is about a call with other arguments.
 */
export function resolveApproval(context: Context, sessionId: SessionId, resolution: ApprovalDecision): void {
  const { requestId } = resolution
  const session = selectSession(context.state(), sessionId)
  const request = session?.requests.pending.find((pending) => pending.requestId === requestId)
  if (session?.endedAt !== null || request?.kind !== 'approval') throw new NoPendingRequestError(sessionId, requestId)
  assertMatches(request, resolution)
  context.record(approvalResolved({ sessionId, ...resolution }))
  context.people.answer(sessionId, requestId, resolution)
}

function* askForApproval(
  context: Context,
  { sessionId, tool, args }: ToApprove,
  { preview, timeoutMs }: ApprovalRule,
  call: RunningCall,
): Saga<Decided> {
  const print = fingerprint({ tool, args: args ?? null })
  const shown: unknown = preview(args)
  assertArgument(findNonJson(shown) === undefined, 'requireApproval.preview()', shown, 'JSON')
  const requestId = nextRequestId(context, sessionId)
  const request = { sessionId, requestId, tool, fingerprint: print, preview: shown as Json, timeoutMs }
  context.record(approvalRequested(request))
  return yield* waitForPerson<Decided>(context, call, {
    sessionId,
    requestId,
    timeoutMs,
    expire: () => {
      context.record(approvalResolved({ sessionId, requestId, fingerprint: print, decision: 'expired' }))
      return { requestId, fingerprint: print, decision: 'expired' }
    },
  })
}

function assertMatches({ requestId, fingerprint: expected }: PendingApproval, given: ApprovalDecision): void {
  if (given.fingerprint !== expected) throw new ApprovalMismatchError(requestId, given.fingerprint, expected)
}
