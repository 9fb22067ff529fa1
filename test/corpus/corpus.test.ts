import { describe, expect, it } from 'vitest'
import { facts, replay, stateHash, STATE_VERSION, verify } from '../../src/index.js'
import { readIndex, readLog } from './corpus.js'

/*
 * Logs of the first version, which every later one must replay to the same states. When one of these fails:
 *
 * - Nobody meant to change the state: the change of the reducer is a mistake. Every log there is would give another state.
 * - It was meant: bump STATE_VERSION, so that snapshots of before do not count any more, and run `npx tsx test/corpus/generate.ts`.
 *   It records the new hashes beside the old ones.
 * - A payload has changed: give the type a new version and write an upcaster. The facts in these logs are never rewritten.
 */

const { logs } = readIndex()
const factsOf = (name: string) => readLog(name) ?? []

describe('the logs of version 1', () => {
  it.each(Object.entries(logs))('replay to the state that was recorded: %s [REPLAY-7]', async (name, recorded) => {
    const log = factsOf(name)
    expect(log).toHaveLength(recorded.facts)
    const known = recorded.stateHashes[STATE_VERSION]
    expect(known, `no hash for STATE_VERSION ${STATE_VERSION}: see the top of this file`).toBeDefined()
    expect(await stateHash(replay(log)), 'another state than before: see the top of this file').toBe(known)
  })

  it.each(Object.keys(logs))('verify: %s [REPLAY-7]', async (name) => {
    expect(await verify(factsOf(name))).toMatchObject({ valid: true, firstBad: null })
  })

  it('have every type of fact that there was then [REPLAY-7]', () => {
    const seen = new Set(Object.keys(logs).flatMap((name) => factsOf(name).map(({ type }) => type)))
    const missing = Object.values(facts).filter(({ type }) => !seen.has(type))
    expect(missing.map(({ type }) => type)).toEqual([])
  })
})
