import { selectLimits } from '../slices/limits.js'
import { cachedTokensUnpriced, isGuessedPrice } from '../slices/rules/prices.js'
import { hasUsage } from '../slices/rules/tokens.js'
import { selectSession } from '../slices/sessions.js'
import type { Context } from './context.js'
import type { UsageWarning } from './saidWarnings.js'
import type { ActiveSession } from './session.js'
import type { KnownUsage, StartedTurn } from './startedTurn.js'

/** Says what is odd about what a call used, whatever its outcome. */
export function warnAboutUsage(context: Context, { model, price }: StartedTurn, usage: KnownUsage): void {
  if (!usage || !hasUsage(usage)) return
  const name = nameOf(model)
  const entry = price === null ? undefined : context.state().pricing.entries[price]
  if (!entry) {
    return warnOnce(
      context,
      'unpriced_model',
      model,
      `${name} has no price: its tokens are counted and its cost is not`,
    )
  }
  if (isGuessedPrice(model ?? '', entry.key)) {
    const message = `${name} costs what '${entry.key}' costs, because its name begins so`
    warnOnce(context, 'guessed_price', model, message)
  }
  if (cachedTokensUnpriced(entry, usage)) {
    const message = `${name} used cached tokens, and '${entry.key}' was priced without a rate for them: they count as free`
    warnOnce(context, 'unpriced_cache_tokens', model, message)
  }
}

/** A call has answered, or its stream was left, and nobody said what it used. Nothing that limits its session can hold that. */
export function warnAboutUnmetered(context: Context, { sessionId, model }: StartedTurn): void {
  if (!limitsUsage(context, sessionId)) return
  const message = `nobody says what ${nameOf(model)} used, so it counts as free and no budget can hold it`
  warnOnce(context, 'unmetered_turn', model, message)
}

function limitsUsage(context: Context, sessionId: string): boolean {
  const session = selectSession(context.state(), sessionId)
  if (!session) return false
  const { budgetUsd, usageLimits, governance } = selectLimits(context.state(), session as ActiveSession)
  return budgetUsd !== null || usageLimits !== null || governance.some(({ limit }) => limit === 'max_budget_usd')
}

function nameOf(model: string | null): string {
  return model === null ? 'a turn that names no model' : `model '${model}'`
}

function warnOnce(context: Context, code: UsageWarning, model: string | null, message: string): void {
  if (context.saidWarnings.add(code, model)) context.warn({ code, message })
}
