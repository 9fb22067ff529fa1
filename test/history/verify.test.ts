import { describe, expect, it, beforeAll } from 'vitest'
import {
  createMemoryLog,
  GENESIS_HASH,
  initialState,
  LogCorruptError,
  LogVersionError,
  replay,
  stateHash,
  verify,
  type Fact,
  type RuntimeState,
} from '../../src/index.js'
import { rejection } from '../support/runtime.js'
import { factsIn, recordInto } from './recorded.js'

let facts: readonly Fact[]
let state: RuntimeState

beforeAll(async () => {
  const log = createMemoryLog()
  state = (await recordInto(log)).state
  facts = await factsIn(log)
})

/** The facts with the one of this number changed. */
function withFact(seq: number, change: (fact: Fact) => unknown): Fact[] {
  return facts.map((fact) => (fact.meta.seq === seq ? (change(structuredClone(fact)) as Fact) : fact))
}

describe('the hash of a state', () => {
  it('is the same for equal states, whatever the order of their keys [VERIFY-2]', async () => {
    const { seq, ...rest } = state
    const reordered = JSON.parse(JSON.stringify({ ...rest, seq })) as RuntimeState
    expect(await stateHash(reordered)).toBe(await stateHash(state))
    expect(await stateHash(state)).toMatch(/^[0-9a-f]{64}$/)
  })

  it('differs for different states [VERIFY-2]', async () => {
    expect(await stateHash(state)).not.toBe(await stateHash(replay(facts, { until: state.seq - 1 })))
  })
})

describe('verification of a log', () => {
  it('accepts what a runtime wrote, as a log, as a list and as it comes [VERIFY-1]', async () => {
    const log = createMemoryLog()
    const run = await recordInto(log)
    const expected = {
      valid: true,
      facts: facts.length,
      stateHash: await stateHash(run.state),
      chain: 'none',
      firstBad: null,
      timeReversals: 0,
    }
    async function* stream() {
      yield* facts
    }
    for (const source of [log, facts, stream()]) {
      expect(await verify(source, { liveState: run.state, head: null })).toEqual(expected)
    }
  })

  it('accepts a log that is empty [VERIFY-1]', async () => {
    const expected = { valid: true, facts: 0, stateHash: await stateHash(initialState), chain: 'none', firstBad: null }
    expect(await verify([], { liveState: initialState, signingKey: 'a key' })).toMatchObject(expected)
  })

  it('says how far the facts are good, and gives the state there [VERIFY-3]', async () => {
    const verdict = await verify(withFact(7, (fact) => ({ ...fact, type: 'turns/unheard' })))
    expect(verdict).toMatchObject({ valid: false, facts: 6, firstBad: { seq: 7 } })
    expect(verdict.stateHash).toBe(await stateHash(replay(facts, { until: 6 })))
  })

  it('reads no further than the first bad fact [VERIFY-3]', async () => {
    let read = 0
    function* counted() {
      for (const fact of withFact(4, () => 'x')) {
        read += 1
        yield fact
      }
    }
    expect(await verify(counted())).toMatchObject({ valid: false, facts: 3 })
    expect(read).toBe(4)
  })

  const problems: readonly [string, () => readonly unknown[], object][] = [
    ['a fact that is missing', () => facts.filter(({ meta }) => meta.seq !== 5), { seq: 5, problem: 'sequence' }],
    ['a missing beginning', () => facts.slice(1), { seq: 1, problem: 'sequence' }],
    [
      'a fact that is there twice',
      () => facts.flatMap((fact) => (fact.meta.seq === 5 ? [fact, fact] : [fact])),
      { seq: 6, problem: 'sequence' },
    ],
    [
      'facts in another order',
      () => [...facts.slice(0, 4), facts[5], facts[4], ...facts.slice(6)],
      { seq: 5, problem: 'sequence', detail: 'fact 6 is where fact 5 should be' },
    ],
    [
      'a type that is not known',
      () => withFact(5, (fact) => ({ ...fact, type: 'a/b' })),
      { seq: 5, problem: 'version' },
    ],
    [
      'a version that is not known',
      () => withFact(5, (fact) => ({ ...fact, meta: { ...fact.meta, v: 99 } })),
      { seq: 5, problem: 'version' },
    ],
    [
      'a fact in another stream than its session',
      () => withFact(facts.length, (fact) => ({ ...fact, meta: { ...fact.meta, stream: 'elsewhere' } })),
      { seq: () => facts.length, problem: 'stream' },
    ],
    [
      'a payload that the state has no answer to',
      () => withFact(3, (fact) => ({ ...fact, type: 'pricing/registered', payload: {} })),
      { seq: 3, problem: 'replay', detail: 'it was answered with TypeError' },
    ],
    [
      'a second end of a session',
      () => [...facts, { ...facts.at(-1)!, meta: { ...facts.at(-1)!.meta, seq: facts.length + 1 } }],
      { seq: () => facts.length + 1, problem: 'replay' },
    ],
  ]

  it.each(problems)('names %s [VERIFY-3]', async (_, given, { seq, ...expected }: { seq?: unknown }) => {
    const place = typeof seq === 'function' ? (seq as () => number)() : seq
    const verdict = await verify(given() as Fact[])
    expect(verdict).toMatchObject({ valid: false, facts: (place as number) - 1, firstBad: { seq: place, ...expected } })
  })

  it.each<[string, (fact: Fact) => unknown]>([
    ['nothing', () => null],
    ['text', (fact) => JSON.stringify(fact)],
    ['a list', (fact) => [fact]],
    ['without a type', (fact) => ({ ...fact, type: undefined })],
    ['without a payload', (fact) => ({ ...fact, payload: null })],
    ['without meta', ({ type, payload }) => ({ type, payload })],
    ['with a number in words', (fact) => ({ ...fact, meta: { ...fact.meta, seq: '5' } })],
    ['with a number that is none', (fact) => ({ ...fact, meta: { ...fact.meta, seq: 5.5 } })],
    ['without a version', (fact) => ({ ...fact, meta: { ...fact.meta, v: 0 } })],
    ['with a date for a time', (fact) => ({ ...fact, meta: { ...fact.meta, at: new Date(0) } })],
    ['without a stream', (fact) => ({ ...fact, meta: { ...fact.meta, stream: undefined } })],
    ['that is too deep', (fact) => ({ ...fact, payload: { deep: deep(200) } })],
  ])('calls a fact malformed that is %s, and never throws [VERIFY-3]', async (_, spoil) => {
    expect(await verify(withFact(5, spoil))).toMatchObject({ facts: 4, firstBad: { seq: 5, problem: 'malformed' } })
  })

  it('accepts answers as deep as users may give them [VERIFY-3]', async () => {
    const kept = {
      type: 'inputs/provided',
      payload: { sessionId: 'session-99', requestId: 'request-1', kind: 'human_input', value: deep(100) },
      meta: { seq: facts.length + 1, at: 9_000, stream: '@session-99', v: 1 },
    }
    expect(await verify([...facts, kept])).toMatchObject({ valid: true, facts: facts.length + 1 })
  })

  it('names what a store cannot read, with its place in the file [VERIFY-4]', async () => {
    async function* damaged() {
      yield* facts.slice(0, 3)
      throw new LogCorruptError({ seq: 4, line: 6, offset: 512 }, 'the checksum does not fit')
    }
    expect((await verify({ read: damaged })).firstBad).toEqual({
      seq: 4,
      problem: 'unreadable',
      detail: 'the checksum does not fit',
      position: { seq: 4, line: 6, offset: 512 },
    })
  })

  it('takes the next fact for the bad one when a store does not name it [VERIFY-4]', async () => {
    async function* damaged() {
      yield* facts.slice(0, 3)
      throw new LogCorruptError({ line: 6 }, 'not JSON')
    }
    expect((await verify(damaged())).firstBad).toMatchObject({ seq: 4, problem: 'unreadable', position: { line: 6 } })
  })

  it('names a format from the future [VERIFY-4]', async () => {
    async function* newer(): AsyncGenerator<Fact> {
      throw new LogVersionError('the file format', 3, 1, { line: 1 })
    }
    expect((await verify(newer())).firstBad).toMatchObject({ seq: 1, problem: 'version', position: { line: 1 } })
  })

  it('passes on what is not wrong in the log, such as a disk that fails [VERIFY-4]', async () => {
    const failure = new Error('EIO')
    async function* failing(): AsyncGenerator<Fact> {
      yield facts[0]!
      throw failure
    }
    expect(await rejection(verify(failing()))).toBe(failure)
  })

  it('counts how often time went back, and calls no fact bad for that [VERIFY-5]', async () => {
    const back = withFact(5, (fact) => ({ ...fact, meta: { ...fact.meta, at: 1 } }))
    expect(await verify(back)).toMatchObject({ valid: true, timeReversals: 1 })
  })
})

describe('a live state', () => {
  it('is compared with the state of the facts [VERIFY-6]', async () => {
    const liveState = { ...state, sessions: { ...state.sessions, count: state.sessions.count + 1 } }
    expect(await verify(facts, { liveState })).toMatchObject({
      valid: false,
      facts: facts.length,
      firstBad: { seq: facts.length, problem: 'live_state', detail: 'the live state differs at sessions.count' },
    })
  })

  it('may be that of an earlier fact [VERIFY-6]', async () => {
    const liveState = replay(facts, { until: 9 })
    expect(await verify(facts, { liveState })).toMatchObject({ valid: true })
    expect(await verify(facts, { liveState: { ...liveState, seq: 8 } })).toMatchObject({
      valid: false,
      firstBad: { seq: 8, problem: 'live_state' },
    })
  })

  it('shows that a log ends too early [VERIFY-6]', async () => {
    expect(await verify(facts.slice(0, -2), { liveState: state })).toMatchObject({
      valid: false,
      facts: facts.length - 2,
      firstBad: { seq: facts.length - 1, problem: 'truncated' },
    })
  })
})

describe('bad options of verification', () => {
  it.each<[string, object, string]>([
    ['a misspelt one', { state: {} }, 'state'],
    ['a live state that is none', { liveState: 'x' }, 'liveState'],
    ['a live state without a number', { liveState: {} }, 'liveState.seq'],
    ['a blank key', { signingKey: ' ' }, 'signingKey'],
    ['a head without a hash', { head: { seq: 3 } }, 'head.hash'],
    ['a head with another hash', { head: { seq: 3, hash: 'abc' } }, 'head.hash'],
    ['a head before the first fact', { head: { seq: 0, hash: GENESIS_HASH } }, 'head.seq'],
  ])('are refused: %s [VERIFY-7]', async (_, options, field) => {
    const error = await rejection(verify(facts, options))
    expect(error).toMatchObject({ code: 'invalid_argument', field })
  })

  it.each([undefined, null, 7, 'facts', {}, { read: 1 }])('are refused: %s for a log [VERIFY-7]', async (log) => {
    expect(await rejection(verify(log as never))).toMatchObject({ code: 'invalid_argument', field: 'log' })
  })
})

function deep(levels: number): unknown {
  let value: unknown = 1
  for (let level = 0; level < levels; level += 1) value = [value]
  return value
}
