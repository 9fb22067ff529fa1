import { approvalRequested, approvalResolved, toolBlocked, type RequestId, type SessionId } from '../slices/facts.js'
import type { PendingApproval } from '../slices/requests.js'
import { askedAs, type Question } from '../slices/rules/answers.js'
import { AgentRuntimeError, assertArgument } from '../slices/rules/errors.js'
import { fingerprint } from '../slices/rules/fingerprint.js'
import { findNonJson, type Json } from '../slices/rules/json.js'
import { selectSession } from '../slices/sessions.js'
import type { RunningCall } from './calls.js'
import type { Context } from './context.js'
import { wait, type Saga } from './effects.js'
import { unlessAborted } from './invoke.js'
import { nextRequestId, NoPendingRequestError, remainingMs, takeEarlier, waitForPerson } from './requests.js'

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

/** How the wait for a decision ended. */
interface Decided extends Pick<ApprovalDecision, 'requestId' | 'args' | 'reason'> {
  readonly decision: ApprovalDecision['decision'] | 'expired'
}

export interface ToApprove {
  readonly sessionId: SessionId
  readonly tool: string
  readonly args: unknown
  readonly approval: ApprovalRule
  /** What the session's function asks for with it. `undefined`: its answers are not kept. */
  readonly question: Question | undefined
}

/** What a tool is called with once a person has looked at the call. */
export interface Approved {
  readonly args: unknown
  readonly wereEdited: boolean
}

/**
 * Waits for a person where the call needs one, and returns the arguments to call the tool with: those that were approved, however
 * the caller has changed its own since.
 *
 * @throws {ApprovalRejectedError} It is recorded.
 */
export function* approve(context: Context, { approval, ...call }: ToApprove, running: RunningCall): Saga<Approved> {
  const { sessionId, tool } = call
  const args = findNonJson(call.args) === undefined ? structuredClone(call.args) : call.args
  if (!(yield* unlessAborted(running, wait(approval.isNeeded(args))))) return { args, wereEdited: false }
  const decided = yield* askForApproval(context, { ...call, args, approval }, running)
  const { requestId, decision, reason = null } = decided
  if (decision === 'approved') return { args, wereEdited: false }
  if (decision === 'edited') return { args: structuredClone(decided.args), wereEdited: true }
  context.record(toolBlocked({ sessionId, tool, toolCallId: null, by: { kind: 'approval' } }))
  throw new ApprovalRejectedError(tool, requestId, decision, reason)
}

/**
 * @throws {NoPendingRequestError} Nobody asks for this approval, or it was answered already.
 * @throws {ApprovalMismatchError} It is about a call with other arguments.
 */
export function resolveApproval(context: Context, sessionId: SessionId, resolution: ApprovalDecision): void {
  const { requestId } = resolution
  const pending = selectSession(context.state(), sessionId)?.requests.pending
  const request = pending?.find((pending) => pending.requestId === requestId)
  if (request?.kind !== 'approval') throw new NoPendingRequestError(sessionId, requestId)
  assertMatches(request, resolution)
  context.record(approvalResolved({ sessionId, ...resolution }))
  context.people.find(sessionId, (waiter) => waiter.requestId === requestId)?.answer(resolution)
}

function* askForApproval(
  context: Context,
  { sessionId, tool, args, approval: { preview, timeoutMs }, question }: ToApprove,
  call: RunningCall,
): Saga<Decided> {
  const shown: unknown = preview(args)
  assertArgument(findNonJson(shown) === undefined, 'requireApproval.preview()', shown, 'JSON')
  call.throwIfAborted()
  const print = fingerprint({ tool, args: args ?? null })
  const earlier = takeEarlier(
    context,
    sessionId,
    (request) =>
      request.kind === 'approval' &&
      request.tool === tool &&
      request.fingerprint === print &&
      request.asked === question?.fingerprint,
  )
  if (earlier && 'decision' in earlier) return earlier as Decided
  const requestId = earlier?.requestId ?? nextRequestId(context, sessionId)
  const about = { sessionId, requestId, fingerprint: print }
  if (!earlier) {
    const shownAs = structuredClone(shown) as Json
    context.record(approvalRequested({ ...about, tool, preview: shownAs, timeoutMs, ...askedAs(question) }))
  }
  const record = (decision: 'expired' | 'cancelled'): void =>
    void context.record(approvalResolved({ ...about, decision }))
  return yield* waitForPerson<Decided>(context, call, {
    ...{ sessionId, requestId, kind: 'approval' },
    timeoutMs: earlier && 'expiresAt' in earlier ? remainingMs(context, earlier) : timeoutMs,
    expire() {
      record('expired')
      return { requestId, decision: 'expired' }
    },
    withdraw: () => record('cancelled'),
  })
}

function assertMatches({ requestId, fingerprint: expected }: PendingApproval, given: ApprovalDecision): void {
  if (given.fingerprint !== expected) throw new ApprovalMismatchError(requestId, given.fingerprint, expected)
}
