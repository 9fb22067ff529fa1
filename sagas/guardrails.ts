import { assertArgument, PaidTurnError } from '../slices/rules/errors.js'
import { wait, type Saga } from './effects.js'

export type GuardrailStage = 'pre' | 'post'

/** What a guardrail looks at. */
export interface GuardrailSubject {
  readonly stage: GuardrailStage
  readonly kind: 'tool' | 'turn'
  readonly role: string
  /** The tool's name; for a turn, the model's. */
  readonly name: string
  /** The arguments of the tool call, or the input given with the turn. */
  readonly input: unknown
  /** What was returned. Only after the call. */
  readonly value?: unknown
}

export type GuardrailVerdict =
  | { readonly allowed: true }
  | {
      readonly allowed: false
      readonly reason?: string
      /** What was found, and where in the text it begins. */
      readonly match?: { readonly position: number; readonly matched: string }
    }

export interface Guardrail {
  readonly name: string
  /** When it runs: before the call, after it, or both. */
  readonly stages: readonly GuardrailStage[]
  /** Default: tools only. */
  readonly appliesTo?: readonly ('tool' | 'turn')[]
  check(subject: GuardrailSubject): GuardrailVerdict | Promise<GuardrailVerdict>
}

export interface GuardrailViolation {
  readonly guardrail: string
  readonly stage: GuardrailStage
  readonly reason: string | null
  /** What was found, if the guardrail says so. It quotes what was looked at: keep it out of logs. */
  readonly match?: { readonly position: number; readonly matched: string }
}

/** One or more guardrails of a stage blocked a call. The first violation is also on the error itself. */
export class GuardrailViolatedError extends PaidTurnError implements GuardrailViolation {
  override readonly name = 'GuardrailViolatedError'
  readonly code = 'guardrail_violated'
  readonly guardrail: string
  readonly stage: GuardrailStage
  readonly reason: string | null

  constructor(
    readonly violations: readonly [GuardrailViolation, ...GuardrailViolation[]],
    subject: Pick<GuardrailSubject, 'kind' | 'name' | 'role'>,
  ) {
    super(describeViolations(violations, `${subject.kind} '${subject.name}' for role '${subject.role}'`))
    ;({ guardrail: this.guardrail, stage: this.stage, reason: this.reason } = violations[0])
  }

  get names(): readonly string[] {
    return this.violations.map(({ guardrail }) => guardrail)
  }
}

/** Why a call is blocked, and by whom. */
export interface Block {
  readonly names: readonly string[]
  /** What its caller gets. */
  readonly error: unknown
}

/**
 * Runs every guardrail of the subject's stage, in order, and gathers what they object to. One that throws instead of answering
 * blocks at once: its own error goes on to the caller.
 */
export function* runGuardrails(guardrails: readonly Guardrail[], subject: GuardrailSubject): Saga<Block | undefined> {
  const { stage, kind } = subject
  const violations: GuardrailViolation[] = []
  for (const guardrail of guardrails) {
    const { name, stages, appliesTo = ['tool'] } = guardrail
    if (!stages.includes(stage) || !appliesTo.includes(kind)) continue
    try {
      const verdict = yield* wait(guardrail.check(subject))
      assertVerdict(name, verdict)
      if (verdict.allowed) continue
      const { reason = null, match } = verdict
      violations.push({ guardrail: name, stage, reason, ...(match && { match }) })
    } catch (error) {
      return { names: [name], error }
    }
  }
  const [first, ...others] = violations
  if (!first) return undefined
  const error = new GuardrailViolatedError([first, ...others], subject)
  return { names: error.names, error }
}

function assertVerdict(name: string, verdict: unknown): void {
  const allowed: unknown =
    typeof verdict === 'object' && verdict !== null ? (verdict as Partial<GuardrailVerdict>).allowed : undefined
  assertArgument(typeof allowed === 'boolean', `guardrails.${name}.check()`, verdict, '{ allowed: boolean }')
}

function describeViolations(violations: readonly [GuardrailViolation, ...GuardrailViolation[]], call: string): string {
  const [{ guardrail, stage, reason }] = violations
  if (violations.length === 1) {
    return `${stage} guardrail '${guardrail}' blocked ${call}: ${reason ?? 'no reason provided'}`
  }
  const names = violations.map((violation) => violation.guardrail).join(', ')
  return `${stage} stage: ${violations.length} guardrails blocked ${call}: ${names}`
}
