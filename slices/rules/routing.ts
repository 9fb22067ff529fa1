import { assertArgument, InvalidArgumentError } from './errors.js'
import type { Scenario } from './failures.js'

/** How to choose among providers. What the names stand for is up to whoever calls them. */
export type ProviderRouter =
  /** The first one that may be used. */
  | { readonly kind: 'static'; readonly providers: readonly string[] }
  /** Each in its turn. */
  | { readonly kind: 'round_robin'; readonly providers: readonly string[] }
  /** The heaviest that may be used; of equals, the first. One whose weight is not above 0 is never chosen. */
  | { readonly kind: 'weighted'; readonly providers: readonly WeightedProvider[] }

export interface WeightedProvider {
  readonly name: string
  readonly weight: number
}

/** What somebody who looks for another provider knows. */
export interface ProviderRequest {
  /** What went wrong. None of the three kinds looks at it. */
  readonly scenario?: Scenario | undefined
  /** Which attempt this is for, from 1. */
  readonly attempt: number
  /** The one in use. It is not chosen again. */
  readonly current: string | null
  /** Others that may not be used. A name may be in here twice. */
  readonly exclude: readonly string[]
}

/** Where a router sent a call. */
export interface Route {
  /** The name of the router. */
  readonly router: string
  readonly provider: string
  /** What the router goes on from. */
  readonly cursor: number
}

export interface Selection {
  /** `null`: none may be used, or the request makes no sense. */
  readonly provider: string | null
  /** What to pass in next time. */
  readonly cursor: number
}

/**
 * A router with its names trimmed.
 *
 * @throws {InvalidArgumentError} An unknown kind, a name that is blank or occurs twice, a weight that is not finite.
 */
export function parseRouter(router: ProviderRouter, field = 'router'): ProviderRouter {
  const kinds: readonly string[] = ['static', 'round_robin', 'weighted'] satisfies ProviderRouter['kind'][]
  const prefix = field === '' ? '' : `${field}.`
  assertArgument(kinds.includes(router.kind), `${prefix}kind`, router.kind, `one of ${kinds.join(', ')}`)
  const path = `${prefix}providers`
  assertArgument(Array.isArray(router.providers), path, router.providers, 'a list of providers')
  if (router.kind !== 'weighted') return { kind: router.kind, providers: parseNames(router.providers, path) }
  const { providers } = router
  const names = parseNames(
    providers.map(({ name }) => name),
    path,
  )
  const weightAt = (index: number) => parseWeight(providers[index]?.weight, `${path}[${index}].weight`)
  return { kind: 'weighted', providers: names.map((name, index) => ({ name, weight: weightAt(index) })) }
}

/**
 * The provider to use next. A request that makes no sense gets none instead of an error: it is made when something has gone
 * wrong already.
 *
 * @param router - As {@link parseRouter} returned it.
 * @param cursor - What the selection before returned; 0 for the first.
 */
export function selectProvider(router: ProviderRouter, cursor: number, request: ProviderRequest): Selection {
  if (!makesSense(request)) return { provider: null, cursor }
  const denied = new Set([request.current, ...request.exclude].map((name) => name?.trim()))
  switch (router.kind) {
    case 'static':
      return { provider: router.providers.find((name) => !denied.has(name)) ?? null, cursor }
    case 'round_robin':
      return nextInTurn(router.providers, cursor, denied)
    case 'weighted':
      return { provider: heaviest(router.providers, denied), cursor }
  }
}

function parseNames(names: readonly unknown[], path: string): readonly string[] {
  const seen = new Set<string>()
  return Array.from(names, (name, index) => {
    const trimmed = typeof name === 'string' ? name.trim() : ''
    assertArgument(trimmed !== '' && !seen.has(trimmed), `${path}[${index}]`, name, 'a non-blank name of its own')
    seen.add(trimmed)
    return trimmed
  })
}

function parseWeight(weight: number | undefined, field: string): number {
  if (weight !== undefined && Number.isFinite(weight)) return weight
  throw new InvalidArgumentError(field, weight, 'a finite number')
}

function makesSense({ attempt, current, exclude }: ProviderRequest): boolean {
  const names = current === null ? exclude : [current, ...exclude]
  return Number.isInteger(attempt) && attempt >= 1 && names.every((name) => name.trim() !== '')
}

function nextInTurn(providers: readonly string[], cursor: number, denied: ReadonlySet<string | undefined>): Selection {
  for (let step = 0; step < providers.length; step += 1) {
    const index = (cursor + step) % providers.length
    const provider = providers[index]
    if (provider !== undefined && !denied.has(provider)) return { provider, cursor: index + 1 }
  }
  return { provider: null, cursor }
}

function heaviest(providers: readonly WeightedProvider[], denied: ReadonlySet<string | undefined>): string | null {
  let best: WeightedProvider | undefined
  for (const provider of providers) {
    if (denied.has(provider.name) || provider.weight <= (best?.weight ?? 0)) continue
    best = provider
  }
  return best?.name ?? null
}
