import { cachedTokensUnpriced, isGuessedPrice } from '../slices/rules/prices.js'
import { hasUsage } from '../slices/rules/tokens.js'
import type { Context, RuntimeWarning } from './context.js'
import type { KnownUsage, StartedTurn } from './settlement.js'

/** Says once per model what is odd about what a call used. Before it is recorded: what is in the state was said. */
export function warnAboutUsage(context: Context, turn: StartedTurn, usage: KnownUsage): void {
  const state = context.state()
  const { usage: used, turns } = state.sessions.scopes.runtime
  const { model, price, config } = turn
  const warn = (code: RuntimeWarning['code'], message: string): void => context.warn({ code, message })
  if (!usage) {
    if (config.budgetUsd !== null && turns.unmetered === 0) {
      warn('unmetered_turn', 'nobody says what a turn used, so it counts as free and no budget can hold it')
    }
    return
  }
  const before = used.filter((entry) => entry.model === model && entry.price === price && hasUsage(entry))
  const entry = price === null ? undefined : state.pricing.entries[price]
  if (!hasUsage(usage)) return
  if (!entry) {
    if (before.length > 0) return
    const name = model === null ? 'a turn that names no model' : `model '${model}'`
    return warn('unpriced_model', `${name} has no price: its tokens are counted and its cost is not`)
  }
  const name = `model '${model ?? ''}'`
  if (before.length === 0 && isGuessedPrice(model ?? '', entry.key)) {
    warn('guessed_price', `${name} costs what '${entry.key}' costs, because its name begins so`)
  }
  if (cachedTokensUnpriced(entry, usage) && !before.some((earlier) => cachedTokensUnpriced(entry, earlier))) {
    warn(
      'unpriced_cache_tokens',
      `${name} used cached tokens, and '${entry.key}' was priced without a rate for them: they count as free`,
    )
  }
}
