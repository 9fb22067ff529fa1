import {
  createAgentRuntime,
  findExceededLimit,
  parseUsageLimits,
  type ExceededLimit,
  type ModelPricing,
  type UsageInput,
  type UsageLimits,
  type UsageLimitsInput,
} from '../../../src/index.js'
import { expectEqual, type VectorFile } from '../suite.js'

interface Input {
  readonly limits: ReferenceLimits
  readonly turns: readonly UsageInput[]
}

/** As the vectors write limits. */
type ReferenceLimits = Readonly<Record<string, number | null>>

interface Expected {
  readonly afterEachTurn: readonly (ExceededLimit | null)[]
}

/** The limits are held against what a session has used after each of its turns. */
export async function usageLimits({ limits, turns }: Input, expected: Expected, file: VectorFile) {
  const own = parseUsageLimits(limitsOf(limits))
  const runtime = createAgentRuntime()
  runtime.registerPricing(file['pricing'] as Readonly<Record<string, ModelPricing>>)
  const session = await runtime.orchestrator({ role: 'r', phase: 'p', maxIterations: 'unlimited' }).open()
  for (const [index, usage] of turns.entries()) {
    await session.runTurn(() => null, { model: 'm', usage })
    const { usage: used } = session.summary()
    const exceeded = inMicroDollars(findExceededLimit(own, used, used.costUsd))
    expectEqual(nearly(expected.afterEachTurn[index], exceeded), exceeded, `afterEachTurn[${index}]`)
  }
}

export function limitsOf(reference: ReferenceLimits): UsageLimitsInput {
  return Object.fromEntries(Object.entries(reference).map(([name, value]) => [NAMES[name] ?? name, value]))
}

const NAMES: Readonly<Record<string, keyof UsageLimits>> = {
  requestTokensMax: 'maxInputTokens',
  responseTokensMax: 'maxOutputTokens',
  totalTokensMax: 'maxTotalTokens',
  toolCallsMax: 'maxToolCalls',
  costUsdMax: 'maxCostUsd',
}

/** The vectors give costs in millionths of a dollar. */
export function inMicroDollars<Exceeded extends ExceededLimit | undefined>(
  exceeded: Exceeded,
): ExceededLimit | Exceeded {
  if (exceeded?.limitName !== 'cost_usd') return exceeded
  const { observed, ceiling } = exceeded
  return { limitName: 'cost_usd', observed: Math.trunc(observed * 1e6), ceiling: Math.trunc(ceiling * 1e6) }
}

/** What is expected, with costs that differ by the one that truncating may make as they are. */
function nearly(expected: ExceededLimit | null | undefined, actual: ExceededLimit | undefined) {
  if (expected?.limitName !== 'cost_usd' || actual?.limitName !== 'cost_usd') return expected
  const near = (wanted: number, got: number) => (Math.abs(wanted - got) <= 1 ? got : wanted)
  return {
    ...expected,
    observed: near(expected.observed, actual.observed),
    ceiling: near(expected.ceiling, actual.ceiling),
  }
}
