import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseRouter, selectProvider, type ProviderRequest, type ProviderRouter } from '../../src/index.js'

const request = (given: Partial<ProviderRequest> = {}): ProviderRequest => ({
  attempt: 1,
  current: null,
  exclude: [],
  ...given,
})

/** What is selected by one request after the other. */
function selectAll(router: ProviderRouter, requests: readonly ProviderRequest[]): readonly (string | null)[] {
  let cursor = 0
  return requests.map((one) => {
    const selection = selectProvider(router, cursor, one)
    cursor = selection.cursor
    return selection.provider
  })
}

describe('a static router', () => {
  const router = parseRouter({ kind: 'static', providers: ['a', 'b', 'c'] })

  it('takes the first that is neither in use nor excluded [ROUTE-2]', () => {
    expect(selectProvider(router, 0, request())).toEqual({ provider: 'a', cursor: 0 })
    expect(selectProvider(router, 0, request({ current: 'a' })).provider).toBe('b')
    expect(selectProvider(router, 0, request({ current: ' a ', exclude: [' b'] })).provider).toBe('c')
    expect(selectProvider(router, 0, request({ exclude: ['a', 'b', 'c'] })).provider).toBeNull()
  })

  it('still finds a provider when one is excluded twice [ROUTE-2]', () => {
    expect(selectProvider(router, 0, request({ exclude: ['a', 'a', ' a '] })).provider).toBe('b')
  })

  it.each([
    ['attempt 0', { attempt: 0 }],
    ['half an attempt', { attempt: 1.5 }],
    ['a blank name in use', { current: ' ' }],
    ['a blank name excluded', { exclude: [''] }],
  ])('has no answer to %s [ROUTE-3]', (_what, given) => {
    expect(selectProvider(router, 7, request(given))).toEqual({ provider: null, cursor: 7 })
  })
})

describe('a round-robin router', () => {
  const router = parseRouter({ kind: 'round_robin', providers: ['a', 'b', 'c'] })

  it('takes each in its turn, and those that are denied lose theirs [ROUTE-2]', () => {
    const requests = [{}, {}, {}, {}, { exclude: ['b'] }, { current: 'a' }].map(request)
    expect(selectAll(router, requests)).toEqual(['a', 'b', 'c', 'a', 'c', 'b'])
  })

  it('stays where it is when there is none', () => {
    expect(selectProvider(router, 2, request({ exclude: ['a', 'b', 'c'] }))).toEqual({ provider: null, cursor: 2 })
    expect(selectProvider(parseRouter({ kind: 'round_robin', providers: [] }), 0, request()).provider).toBeNull()
  })
})

describe('a weighted router', () => {
  const providers = [
    { name: 'a', weight: 1 },
    { name: 'b', weight: 2 },
    { name: 'c', weight: 2 },
    { name: 'd', weight: 0 },
    { name: 'e', weight: -1 },
  ]
  const router = parseRouter({ kind: 'weighted', providers })

  it('takes the heaviest, and the first of equals [ROUTE-2]', () => {
    expect(selectProvider(router, 3, request())).toEqual({ provider: 'b', cursor: 3 })
    expect(selectProvider(router, 0, request({ current: 'b' })).provider).toBe('c')
    expect(selectProvider(router, 0, request({ exclude: ['b', 'c'] })).provider).toBe('a')
  })

  it('never takes one without weight', () => {
    expect(selectProvider(router, 0, request({ exclude: ['a', 'b', 'c'] })).provider).toBeNull()
  })
})

describe('parsing a router', () => {
  it('trims the names [ROUTE-1]', () => {
    expect(parseRouter({ kind: 'static', providers: [' a '] })).toEqual({ kind: 'static', providers: ['a'] })
    expect(parseRouter({ kind: 'weighted', providers: [{ name: 'a ', weight: 1 }] })).toEqual({
      kind: 'weighted',
      providers: [{ name: 'a', weight: 1 }],
    })
  })

  it.each<[string, unknown]>([
    ['router.kind', { kind: 'random', providers: [] }],
    ['router.providers', { kind: 'static', providers: 'a' }],
    ['router.providers[0]', { kind: 'static', providers: [' '] }],
    ['router.providers[1]', { kind: 'round_robin', providers: ['a', 5] }],
    ['router.providers[1]', { kind: 'round_robin', providers: ['a', ' a'] }],
    ['router.providers[0]', { kind: 'weighted', providers: [{ weight: 1 }] }],
    ['router.providers[0].weight', { kind: 'weighted', providers: [{ name: 'a', weight: NaN }] }],
    ['router.providers[0].weight', { kind: 'weighted', providers: [{ name: 'a' }] }],
  ])('names %s when that is not usable', (field, router) => {
    expect(() => parseRouter(router as ProviderRouter)).toThrow(
      expect.objectContaining({ code: 'invalid_argument', field }),
    )
  })
})

const names = fc.subarray(['a', 'b', 'c', 'd', 'e'])
const anyRouter = fc
  .record({ names, weights: fc.array(fc.integer({ min: -1, max: 3 }), { minLength: 5, maxLength: 5 }) })
  .chain((given) =>
    fc.constantFrom<ProviderRouter>(
      { kind: 'static', providers: given.names },
      { kind: 'round_robin', providers: given.names },
      { kind: 'weighted', providers: given.names.map((name, index) => ({ name, weight: given.weights[index]! })) },
    ),
  )

describe('any router', () => {
  it('never selects what is in use or excluded, and always one of its own', () => {
    const requests = fc.array(fc.record({ current: fc.option(fc.constantFrom('a', 'b', 'z')), exclude: names }))
    fc.assert(
      fc.property(anyRouter, requests, (router, given) => {
        const own = router.providers.map((provider) => (typeof provider === 'string' ? provider : provider.name))
        const selected = selectAll(router, given.map(request))
        for (const [index, provider] of selected.entries()) {
          const { current, exclude } = given[index]!
          if (provider === null) {
            const left = own.filter((name) => name !== current && !exclude.includes(name))
            if (router.kind !== 'weighted') expect(left).toEqual([])
            continue
          }
          expect(own).toContain(provider)
          expect([current, ...exclude]).not.toContain(provider)
        }
      }),
    )
  })

  it('that goes round gives every provider that may be used its share', () => {
    fc.assert(
      fc.property(names, names, fc.nat(40), (providers, exclude, times) => {
        const router = parseRouter({ kind: 'round_robin', providers })
        const usable = providers.filter((name) => !exclude.includes(name))
        const selected = selectAll(router, Array<ProviderRequest>(times).fill(request({ exclude })))
        const share = times / usable.length
        for (const name of usable) {
          const count = selected.filter((one) => one === name).length
          expect(Math.abs(count - share)).toBeLessThan(1)
        }
      }),
    )
  })
})
