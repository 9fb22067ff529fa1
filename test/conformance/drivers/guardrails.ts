import {
  createAgentRuntime,
  createOutputIntegrityGuardrail,
  createPatternGuardrail,
  createPromptInjectionGuardrail,
  GuardrailViolatedError,
  type Guardrail,
  type GuardrailStage,
  type GuardrailVerdict,
} from '../../../src/index.js'
import { attempt } from '../errors.js'
import { expectEqual } from '../suite.js'

export type ReferenceGuardrail =
  | {
      readonly kind: 'pattern'
      readonly patterns: readonly string[]
      readonly name?: string
      readonly stages?: readonly GuardrailStage[]
    }
  | { readonly kind: 'promptInjection'; readonly extraPatterns?: readonly string[] }
  | { readonly kind: 'outputIntegrity'; readonly maxChars?: number | null }
  | { readonly kind: 'allowAll' }
  | { readonly kind: 'scripted'; readonly name: string; readonly pre?: boolean; readonly post?: boolean }

interface Input {
  readonly construct?: ReferenceGuardrail
  readonly guardrail?: ReferenceGuardrail
  readonly guardrails?: readonly ReferenceGuardrail[]
  readonly stage: GuardrailStage
  readonly role: string
  readonly tool?: string
  readonly value?: unknown
}

interface Expected {
  readonly allowed?: boolean
  readonly match?: object
  readonly error?: string | null
  readonly [detail: string]: unknown
}

export async function guardrails(input: Input, expected: Expected) {
  const { construct, guardrail, stage, tool = 't', value } = input
  if (construct) {
    expectEqual(expected.error, (await attempt(() => guardrailOf(construct))).error, 'error')
  } else if (guardrail) {
    const subject = { stage, kind: 'tool', role: 'r', name: tool, input: undefined, value } as const
    const verdict = (await guardrailOf(guardrail).check(subject)) as Partial<
      Extract<GuardrailVerdict, { allowed: false }>
    >
    const { match } = verdict
    expectEqual(expected, { allowed: verdict.allowed, ...(expected.match && { match }) }, 'verdict')
  } else {
    await runAll(input, expected)
  }
}

/** All guardrails of one stage, around a tool that returns. */
async function runAll({ guardrails: given = [], stage, role, tool = '' }: Input, expected: Expected) {
  const { value, error, thrown } = await attempt(async () => {
    const ofStage = given.map((one): Guardrail => ({ ...guardrailOf(one), stages: [stage] }))
    const orchestrator = createAgentRuntime().orchestrator({ role, phase: 'p', guardrails: ofStage })
    const session = await orchestrator.open()
    return session.runTool(tool, () => 'value')
  })
  if (!(thrown instanceof GuardrailViolatedError)) {
    expectEqual(expected, { error: error ?? null }, 'outcome')
    if (error === undefined) expectEqual('value', value, 'value')
    return
  }
  const { violations, guardrail } = thrown
  const names = violations.map((violation) => violation.guardrail)
  const details = { error, violations: names, guardrail, stage: thrown.stage, message: thrown.message }
  for (const key of Object.keys(expected)) expectEqual(expected[key], details[key as keyof typeof details], key)
}

export function guardrailOf(reference: ReferenceGuardrail): Guardrail {
  switch (reference.kind) {
    case 'pattern': {
      const { kind: _, ...options } = reference
      return createPatternGuardrail(options)
    }
    case 'promptInjection': {
      const { kind: _, ...options } = reference
      return createPromptInjectionGuardrail(options)
    }
    case 'outputIntegrity':
      return createOutputIntegrityGuardrail({ maxChars: reference.maxChars ?? undefined })
    case 'allowAll':
      return { name: 'allow_all', stages: ['pre', 'post'], check: () => ({ allowed: true }) }
    case 'scripted':
      return {
        name: reference.name,
        stages: ['pre', 'post'],
        check: ({ stage }) =>
          reference[stage] === false ? { allowed: false, reason: `scripted ${stage}` } : { allowed: true },
      }
  }
}
