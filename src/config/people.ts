import * as v from 'valibot'
import type { ApprovalDecision } from '../../sagas/approvals.js'
import { findNonJson, type Json } from '../../slices/rules/json.js'
import { assertArgument } from '../../slices/rules/errors.js'
import { nonBlank, oneOf, parse, strictOptions } from './schema.js'

const schema = strictOptions(
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

/** A person's decision about a tool call. */
export function parseDecision(decision: ApprovalDecision): ApprovalDecision {
  const { args, reason, ...parsed } = parse(schema, decision, 'decision')
  const isEdited = parsed.decision === 'edited'
  assertArgument(isEdited === (args !== undefined), 'decision.args', args, isEdited ? 'JSON' : 'left out')
  return {
    ...parsed,
    ...(isEdited && { args: parseAnswer(args, 'decision.args') }),
    ...(reason !== undefined && { reason }),
  }
}
