import { parseRouter, selectProvider, type ProviderRequest, type ProviderRouter } from '../../../src/index.js'
import { attempt } from '../errors.js'
import { expectEqual } from '../suite.js'

interface Input {
  readonly router: 'static' | 'roundRobin' | 'weighted'
  readonly providers: readonly (string | readonly [name: string, weight: number])[]
  readonly selects: readonly ProviderRequest[]
}

interface Expected {
  readonly selected?: readonly (string | null)[]
  readonly error?: string
}

export async function routing({ router, providers, selects }: Input, expected: Expected) {
  const { value, error } = await attempt(() => parseRouter(routerOf(router, providers)))
  expectEqual(expected.error, error, 'error')
  let cursor = 0
  for (const [index, request] of (value ? selects : []).entries()) {
    const selection = selectProvider(value!, cursor, { ...request, current: request.current ?? null })
    expectEqual(expected.selected?.[index], selection.provider, `selected[${index}]`)
    cursor = selection.cursor
  }
}

function routerOf(router: Input['router'], providers: Input['providers']): ProviderRouter {
  if (router !== 'weighted') {
    return { kind: router === 'static' ? 'static' : 'round_robin', providers: providers as readonly string[] }
  }
  const weighted = (providers as readonly (readonly [string, number])[]).map(([name, weight]) => ({ name, weight }))
  return { kind: 'weighted', providers: weighted }
}
