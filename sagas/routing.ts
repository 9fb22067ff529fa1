import { selectProviders } from '../slices/providers.js'
import type { OrchestratorConfig } from '../slices/rules/orchestratorConfig.js'
import { selectProvider, type Route } from '../slices/rules/routing.js'
import type { Context } from './context.js'

/**
 * The provider that a call goes to.
 *
 * @param tried - Providers that failed this turn, the latest last.
 * @returns `null`: the orchestrator has no providers, or none that is left.
 */
export function routeCall(
  context: Context,
  { providers: router }: OrchestratorConfig,
  attempt = 1,
  tried: readonly string[] = [],
): Route | null {
  const known = router === null ? undefined : selectProviders(context.state(), router)
  if (router === null || !known) return null
  const request = { attempt, current: tried.at(-1) ?? null, exclude: tried }
  const { provider, cursor } = selectProvider(known.router, known.cursor, request)
  return provider === null ? null : { router, provider, cursor }
}

/** The same provider again. The router goes on from where others have left it. */
export function routeAgain(context: Context, route: Route | null): Route | null {
  if (!route) return null
  const { router, provider } = route
  return { router, provider, cursor: selectProviders(context.state(), router)?.cursor ?? route.cursor }
}
