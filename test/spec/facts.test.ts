import { readFileSync } from 'node:fs'
import { describe, expect, it, vi } from 'vitest'
import { createRandom } from '../../src/random.js'
import { createSystemClock, facts, initialState, isFact, runtimeReducer } from '../../src/index.js'
import { createManualClock } from '../../src/testing/index.js'
import { createTestRuntime } from '../support/runtime.js'

describe('the types of facts', () => {
  const types = Object.values(facts).map(({ type }) => type)

  it('are those of the specification, each of version 1 [FACT-8, FACT-9]', () => {
    const told = [...readFileSync('SPEC.md', 'utf8').matchAll(/^\| `([a-zA-Z]+\/[a-zA-Z]+)`/gm)].map(([, type]) => type)
    expect([...new Set(told)].sort()).toEqual([...types].sort())
    expect(Object.values(facts).every(({ version }) => version === 1)).toBe(true)
  })

  it('are the only ones that change the state, and only once they are recorded [FACT-5]', () => {
    const draft = facts.breakerReset({ name: 'api' })
    expect(isFact(draft)).toBe(false)
    expect(runtimeReducer(initialState, draft)).toBe(initialState)
    expect(runtimeReducer(initialState, { type: 'other', meta: { seq: 7 } } as never)).toBe(initialState)
    const fact = { ...draft, meta: { seq: 7, at: 0, stream: '@runtime', v: 1 } }
    expect(isFact(fact)).toBe(true)
    expect(runtimeReducer(initialState, fact)).toEqual({ ...initialState, seq: 7 })
  })
})

describe('the system clock', () => {
  it('stands still while the clock of the machine is set back [FACT-12]', () => {
    const now = vi.spyOn(Date, 'now')
    const clock = createSystemClock()
    const read = (at: number) => {
      now.mockReturnValueOnce(at)
      return clock.now()
    }
    expect([5_000, 4_000, 4_999, 5_001].map(read)).toEqual([5_000, 5_000, 5_000, 5_001])
    now.mockRestore()
  })

  it('is the only one that the runtime asks and waits by [FACT-12]', async () => {
    const { orchestrator, clock, runtime } = createTestRuntime({ turnTimeoutMs: 50 })
    const session = await orchestrator.open()
    const turn = session.runTurn(() => new Promise(() => undefined)).catch((error: unknown) => error)
    expect(clock.pendingTimers).toBe(1)
    await clock.advance(50)
    expect(await turn).toMatchObject({ code: 'turn_timeout' })
    expect(runtime.log.facts().at(-1)?.meta.at).toBe(1_050)
  })
})

describe('the manual clock', () => {
  it('fires what is due on the way, each at its own time [FACT-13]', async () => {
    const clock = createManualClock(100)
    const fired: [string, number][] = []
    const note = (name: string) => () => void fired.push([name, clock.now()])
    clock.setTimeout(note('late'), 30)
    clock.setTimeout(() => {
      note('early')()
      clock.setTimeout(note('set off'), 5)
    }, 10)
    clock.clearTimeout(clock.setTimeout(note('cleared'), 1))
    clock.setTimeout(note('not yet'), 31)
    expect(clock.pendingTimers).toBe(3)
    await clock.advance(30)
    expect(fired).toEqual([
      ['early', 110],
      ['set off', 115],
      ['late', 130],
    ])
    expect([clock.now(), clock.pendingTimers]).toEqual([130, 1])
    await expect(clock.advance(-1)).rejects.toMatchObject({ field: 'ms' })
  })
})

describe('chance', () => {
  it('follows from the seed alone [FACT-14]', () => {
    const draw = (seed: number) => Array.from({ length: 4 }, createRandom(seed))
    expect(draw(42)).toEqual(draw(42))
    expect(draw(42)).toEqual(draw(2 ** 32 + 42))
    expect(draw(42)).not.toEqual(draw(43))
    expect(draw(1)[0]).toBeCloseTo(0.6270739405881613, 12)
    for (const drawn of draw(7)) expect(drawn >= 0 && drawn < 1).toBe(true)
  })
})
