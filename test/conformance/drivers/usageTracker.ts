import { createAgentRuntime, type ModelPricing, type UsageInput } from '../../../src/index.js'
import { expectEqual, type VectorFile } from '../suite.js'

interface Input {
  readonly pricing: Readonly<Record<string, ModelPricing>>
  readonly turns: readonly { readonly model: string; readonly usage: UsageInput }[]
  readonly budgetUsd?: number
}

interface Expected {
  readonly totalCostUsdExact: number
  readonly totalCostUsdRounded4: number
  readonly [field: string]: unknown
}

export async function usageTracker(input: Input, { totalCostUsdRounded4, ...expected }: Expected, file: VectorFile) {
  const tolerance = file['tolerance'] as number | undefined
  const runtime = createAgentRuntime({ onWarning: () => undefined })
  runtime.registerPricing(input.pricing)
  const session = await runtime
    .orchestrator({ role: 'r', phase: 'p', maxIterations: 'unlimited', budgetUsd: input.budgetUsd })
    .open()
  for (const { model, usage } of input.turns) await session.runTurn(() => null, { model, usage })
  const { usage, budget } = session.summary()
  const actual = {
    turns: usage.turns,
    totalInputTokens: usage.inputTokens,
    totalOutputTokens: usage.outputTokens,
    totalToolCalls: usage.toolCalls,
    totalCostUsdExact: usage.costUsd,
    formattedCost: usage.formattedCost,
    perModelCost: Object.fromEntries(usage.models.map(({ model, costUsd }) => [model, costUsd])),
    overBudget: budget?.exceeded,
    budgetRemaining: budget?.remainingUsd,
  }
  // What is left of a budget is a difference: its error is that of the amounts, not of itself.
  const near = Math.abs((actual.budgetRemaining ?? 0) - Number(expected['budgetRemaining'] ?? 0)) < 1e-9
  if (near) actual.budgetRemaining = expected['budgetRemaining'] as number
  expectEqual(expected, actual, 'usage', tolerance)
  if (Math.abs(usage.costUsd - totalCostUsdRounded4) > 1e-4) expectEqual(totalCostUsdRounded4, usage.costUsd, 'rounded')
}
