import { describe, expect, it, vi } from 'vitest'
import { LogVersionError, replay, verify, type Fact } from '../../src/index.js'
import { upcast } from '../../slices/upcasters.js'

// No type of fact has a second version yet: these are those of a later release.
vi.mock(import('../../slices/factVersions.js'), () => ({
  factVersions: new Map([
    ['breakers/reset', 3],
    ['turns/refused', 2],
  ]),
}))

function fact(v: number, payload: object = { breaker: 'api' }): Fact {
  return { type: 'breakers/reset', payload, meta: { seq: 1, at: 5, stream: '@runtime', v } }
}

const upcasters = [
  { type: 'turns/refused', from: 1, up: () => ({ wrong: true }) },
  { type: 'breakers/reset', from: 2, up: ({ title }: { title: string }) => ({ name: title.toUpperCase() }) },
  { type: 'breakers/reset', from: 1, up: ({ breaker }: { breaker: string }) => ({ title: `${breaker}!` }) },
]

describe('a fact of an earlier version', () => {
  it('goes through every step up to the version of today [REPLAY-6]', () => {
    expect(upcast(fact(1), upcasters)).toEqual(fact(3, { name: 'API!' }))
    const sealed = { ...fact(1), meta: { ...fact(1).meta, hash: 'abc' } }
    expect(upcast(sealed, upcasters).meta).toEqual({ ...fact(3).meta, hash: 'abc' })
  })

  it('goes through the steps that are left [REPLAY-6]', () => {
    expect(upcast(fact(2, { title: 'api' }), upcasters)).toEqual(fact(3, { name: 'API' }))
  })

  it('is itself when it is of today [REPLAY-6]', () => {
    const today = fact(3, { name: 'api' })
    expect(upcast(today, upcasters)).toBe(today)
  })

  it('is not changed where it is stored [REPLAY-6]', () => {
    const stored = Object.freeze(fact(1, Object.freeze({ breaker: 'api' })))
    upcast(stored, upcasters)
    expect(stored).toEqual(fact(1))
  })

  it('is refused when a step is missing, at the beginning or in the middle [REPLAY-6]', () => {
    const without = (from: number) => upcasters.filter((step) => step.type === 'turns/refused' || step.from !== from)
    const refusal = (version: number) => ({
      code: 'log_version',
      what: 'facts of type breakers/reset',
      version,
      supported: 3,
      position: { seq: 1 },
    })
    expect(() => upcast(fact(1), without(1))).toThrow(expect.objectContaining(refusal(1)))
    expect(() => upcast(fact(1), without(2))).toThrow(expect.objectContaining(refusal(2)))
  })

  it('is refused when it is from the future, or of a type that is not known [REPLAY-4]', () => {
    expect(() => upcast(fact(4), upcasters)).toThrow(expect.objectContaining({ version: 4, supported: 3 }))
    expect(() => upcast({ ...fact(1), type: 'turns/unheard' }, upcasters)).toThrow(
      expect.objectContaining({ what: 'facts of type turns/unheard', supported: 0 }),
    )
  })

  it('is not replayed as it is when nobody knows how to bring it up to date [REPLAY-6]', async () => {
    expect(() => replay([fact(1)])).toThrow(LogVersionError)
    expect((await verify([fact(1)])).firstBad).toMatchObject({ seq: 1, problem: 'version' })
  })
})
