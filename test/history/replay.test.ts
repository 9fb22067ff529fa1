import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  createMemoryLog,
  initialState,
  loadState,
  LogCorruptError,
  LogVersionError,
  replay,
  replayFact,
  STATE_VERSION,
  type EventLog,
  type Fact,
  type RuntimeState,
  type Snapshot,
} from '../../src/index.js'
import { createTestRuntime, DRAFT, rejection } from '../support/runtime.js'
import { factsIn, recordInto } from './recorded.js'

let facts: readonly Fact[]
/** After each fact, the first of them after none. */
let states: readonly RuntimeState[]

beforeAll(async () => {
  const log = createMemoryLog()
  await recordInto(log)
  facts = await factsIn(log)
  const reached = [initialState]
  for (const fact of facts) reached.push(replayFact(reached.at(-1)!, fact))
  states = reached
})

const place = () => fc.nat({ max: facts.length })

describe('replay', () => {
  it('gives the state that the runtime was in, at every fact of it [REPLAY-1]', async () => {
    const { runtime, orchestrator } = createTestRuntime()
    const seen: RuntimeState[] = []
    runtime.subscribe(() => seen.push(runtime.getState()))
    await orchestrator.session((session) => session.runTurn(() => 'text', DRAFT))
    expect(seen.length).toBeGreaterThan(3)
    for (const state of seen) expect(replay(runtime.log.facts(), { until: state.seq })).toStrictEqual(state)
  })

  it('ends with the fact that it is told to, and reads none after the next [REPLAY-1]', () => {
    let read = 0
    function* counted() {
      for (const fact of facts) {
        read += 1
        yield fact
      }
    }
    expect(replay(counted(), { until: 4 })).toStrictEqual(states[4])
    expect(read).toBe(5)
  })

  it('is nothing until the first fact, and all beyond the last [REPLAY-1]', () => {
    expect(replay(facts, { until: 0 })).toBe(initialState)
    expect(replay(facts, { until: facts.length + 9 })).toStrictEqual(states.at(-1))
    expect(replay([])).toBe(initialState)
  })

  it('goes on from any state of the same log [REPLAY-2]', () => {
    fc.assert(
      fc.property(place(), place(), (one, other) => {
        const [from, until] = [Math.min(one, other), Math.max(one, other)]
        expect(replay(facts.slice(from), { from: states[from], until })).toStrictEqual(states[until])
      }),
    )
  })

  const damaged: readonly [string, () => readonly Fact[], number, string][] = [
    ['a fact that is missing', () => facts.filter(({ meta }) => meta.seq !== 5), 6, 'fact 5 should be there'],
    ['a missing beginning', () => facts.slice(3), 4, 'fact 1 should be there'],
    ['a fact that is there twice', () => [...facts.slice(0, 5), ...facts.slice(4)], 5, 'fact 6 should be there'],
    ['facts in another order', () => [...facts.slice(0, 4), facts[5]!, facts[4]!], 6, 'fact 5 should be there'],
  ]

  it.each(damaged)('refuses %s [REPLAY-3]', (_, given, seq, reason) => {
    expect(() => replay(given())).toThrow(LogCorruptError)
    expect(() => replay(given())).toThrow(expect.objectContaining({ code: 'log_corrupt', position: { seq }, reason }))
  })

  it('refuses facts that do not go on from the state that it is given [REPLAY-3]', () => {
    expect(() => replay(facts, { from: states[3] })).toThrow(expect.objectContaining({ position: { seq: 1 } }))
  })

  it('does not look at what is wrong after the fact that it ends with [REPLAY-3]', () => {
    const gap = facts.filter(({ meta }) => meta.seq !== 5)
    expect(replay(gap, { until: 4 })).toStrictEqual(states[4])
  })

  it('refuses a type that is not known, by name [REPLAY-4]', () => {
    const unheard = facts.map((fact) => (fact.meta.seq === 5 ? { ...fact, type: 'turns/unheard' } : fact))
    const refusal = { code: 'log_version', what: 'facts of type turns/unheard', supported: 0, position: { seq: 5 } }
    expect(() => replay(unheard)).toThrow(LogVersionError)
    expect(() => replay(unheard)).toThrow(expect.objectContaining(refusal))
  })

  it('refuses a fact from the future [REPLAY-4]', () => {
    const newer = facts.map((fact) => (fact.meta.seq === 5 ? { ...fact, meta: { ...fact.meta, v: 7 } } : fact))
    const { type } = newer[4]!
    const refusal = { what: `facts of type ${type}`, version: 7, supported: 1, position: { seq: 5 } }
    expect(() => replay(newer)).toThrow(expect.objectContaining(refusal))
    expect(() => replay(newer)).toThrow('in version 7 at fact 5, which is known here up to version 1')
  })
})

describe('the state of a log', () => {
  /** A log with a snapshot, which knows from where it was read. */
  function logWith(snapshot?: Snapshot) {
    const readFrom: number[] = []
    const log: Pick<EventLog, 'read' | 'snapshots'> = {
      async *read({ from = 0 } = {}) {
        readFrom.push(from)
        yield* facts.slice(from)
      },
      snapshots: { load: () => Promise.resolve(snapshot), save: () => Promise.resolve() },
    }
    return { log, readFrom }
  }

  const snapshotAt = (seq: number, stateVersion = STATE_VERSION): Snapshot => ({
    seq,
    stateVersion,
    state: states[seq]!,
  })

  it('is that of all its facts, or of those up to one [REPLAY-5]', async () => {
    const log = createMemoryLog()
    const { state } = await recordInto(log)
    expect(await loadState(log)).toStrictEqual(state)
    expect(await loadState(log, { until: 6 })).toStrictEqual(states[6])
    expect(await loadState(log, { until: 0 })).toStrictEqual(initialState)
  })

  it('takes its snapshot, and reads only what came after [REPLAY-5]', async () => {
    const { log, readFrom } = logWith(snapshotAt(6))
    expect(await loadState(log)).toStrictEqual(states.at(-1))
    expect(readFrom).toEqual([6])
  })

  it('is that of its snapshot when nothing came after [REPLAY-5]', async () => {
    const { log, readFrom } = logWith(snapshotAt(facts.length))
    expect(await loadState(log)).toStrictEqual(states.at(-1))
    expect(readFrom).toEqual([facts.length])
  })

  it.each([
    ['was made by other reducers', () => snapshotAt(6, 'another'), undefined],
    ['is of a later fact than the last that counts', () => snapshotAt(6), 5],
    ['is not there', () => undefined, undefined],
  ])('ignores a snapshot that %s [REPLAY-5]', async (_, snapshot, until) => {
    const { log, readFrom } = logWith(snapshot())
    expect(await loadState(log, { until })).toStrictEqual(states[until ?? facts.length])
    expect(readFrom).toEqual([0])
  })

  it('takes a snapshot of the very fact that is the last to count [REPLAY-5]', async () => {
    const { log, readFrom } = logWith(snapshotAt(6))
    expect(await loadState(log, { until: 6 })).toStrictEqual(states[6])
    expect(readFrom).toEqual([6])
  })

  it('is the same with any snapshot, up to any fact [REPLAY-5]', async () => {
    await fc.assert(
      fc.asyncProperty(place(), place(), async (snapshot, until) => {
        expect(await loadState(logWith(snapshotAt(snapshot)).log, { until })).toStrictEqual(states[until])
      }),
    )
  })

  it('is refused when facts are missing after the snapshot [REPLAY-3]', async () => {
    const { log } = logWith(snapshotAt(4))
    const gap = { ...log, read: () => log.read({ from: 6 }) }
    expect(await rejection(loadState(gap))).toMatchObject({ code: 'log_corrupt', position: { seq: 7 } })
  })
})
