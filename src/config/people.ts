import * as v from 'valibot'
import type { ApprovalDecision, ApprovalRule } from '../../sagas/approvals.js'
import { assertArgument } from '../../slices/rules/errors.js'
import { findNonJson, type Json } from '../../slices/rules/json.js'
import { delayMs, functionOf, nonBlank, oneOf, parse, strictOptions } from './schema.js'

const APPROVAL_TIMEOUT_MS = 1_800_000

const approvalSchema = strictOptions(
  {
    when: v.optional(functionOf<ApprovalRule['isNeeded']>('a function of the arguments'), () => () => true),
    preview: v.optional(functionOf<ApprovalRule['preview']>('a function of the arguments'), () => () => null),
    timeoutMs: v.optional(v.nullable(delayMs), APPROVAL_TIMEOUT_MS),
  },
  'true, false or an object of options',
)

/** When a tool call waits for a person. `null`: never. */
export function parseApproval(approval: unknown): ApprovalRule | null {
  if (approval === undefined || approval === false) return null
  const options = approval === true ? {} : approval
  const { when: isNeeded, preview, timeoutMs } = parse(approvalSchema, options, 'requireApproval')
  return { isNeeded, preview, timeoutMs }
}

const decisionSchema = strictOptions(
  {
    requestId: nonBlank,
    fingerprint: v.nullable(nonBlank),
    decision: oneOf(['approved', 'edited', 'rejected']),
    args: v.optional(v.unknown()),
    reason: v.optional(nonBlank),
  },
  'an object with a requestId, a fingerprint and a decision',
)

/** A person's answer. A copy, because it is kept in the log. */
export function parseAnswer(value: unknown, field = 'value'): Json {
  const lost = findNonJson(value)
  assertArgument(lost === undefined, [field, lost].filter(Boolean).join('.'), value, 'JSON')
  return structuredClone(value) as Json
}

/** `null`: the oldest. */
export function parseRequestId(requestId: string | undefined): string | null {
  return requestId === undefined ? null : parse(nonBlank, requestId, 'requestId')
}

/** A person's decision about a tool call. */
export function parseDecision(decision: ApprovalDecision): ApprovalDecision {
  const { args, reason, ...parsed } = parse(decisionSchema, decision, 'decision')
  const isEdited = parsed.decision === 'edited'
  assertArgument(isEdited === (args !== undefined), 'decision.args', args, isEdited ? 'JSON' : 'left out')
  return {
    ...parsed,
    ...(isEdited && { args: parseAnswer(args, 'decision.args') }),
    ...(reason !== undefined && { reason }),
  }
}
