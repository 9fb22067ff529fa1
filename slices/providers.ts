import { providersConfigured, turnRetried, turnStarted } from './facts.js'
import { own } from './rules/own.js'
import type { ProviderRouter, Route } from './rules/routing.js'
import { defineSlice } from './slice.js'

/** How calls are spread over providers, and whose turn it is. */
export interface Providers {
  readonly router: ProviderRouter
  readonly cursor: number
}

/** By name. Sessions that name the same providers share whose turn it is. */
export type ProvidersByName = Readonly<Record<string, Providers>>

export const providers = defineSlice<ProvidersByName>({}, (on) => {
  on(providersConfigured, (state, { payload: { name, router } }) => ({
    ...state,
    [name]: { router, cursor: own(state, name)?.cursor ?? 0 },
  }))
  on(turnStarted, (state, { payload }) => moved(state, payload.route))
  on(turnRetried, (state, { payload }) => moved(state, payload.route))
})

function moved(state: ProvidersByName, route: Route | null): ProvidersByName {
  const known = route === null ? undefined : own(state, route.router)
  if (!route || !known || known.cursor === route.cursor) return state
  return { ...state, [route.router]: { ...known, cursor: route.cursor } }
}

export function selectProviders(state: { readonly providers: ProvidersByName }, name: string): Providers | undefined {
  return own(state.providers, name)
}
