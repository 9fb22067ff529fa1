import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  loadState,
  openAgentRuntime,
  replay,
  STATE_VERSION,
  type AgentSession,
  type AnyFact,
  type Snapshot,
} from '../../../src/index.js'
import type { KeptSnapshot } from '../../../src/indexeddb/stores.js'
import { readAll } from '../../log/facts.js'
import { createTestRuntime, DRAFT } from '../../support/runtime.js'
import { Place } from './place.js'

const step = fc.record({
  session: fc.nat(3),
  call: fc.constantFrom('turn', 'failing turn', 'tool', 'complete', 'cancel'),
})

/** What becomes of the log while facts are appended to it. */
const event = fc.constantFrom('append', 'append', 'append', 'flush', 'snapshot', 'reopen')

describe('the state of an IndexedDB log', () => {
  let place: Place
  beforeEach(() => void (place = new Place()))
  afterEach(() => place.remove())

  it('is that of a log in memory with the same facts [IDB-13]', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), fc.array(event, { minLength: 1 }), async (steps, events) => {
        const facts = await record(steps)
        let log = await place.open()
        for (const [index, fact] of facts.entries()) {
          log.append(fact.meta.stream, [fact])
          const event = events[index % events.length]
          if (event === 'flush') await log.flush()
          if (event === 'snapshot') await log.snapshots.save(snapshotOf(facts.slice(0, index + 1)))
          if (event !== 'reopen') continue
          await log.close()
          log = await place.open()
        }
        expect(await readAll(log)).toEqual(facts)
        expect(await loadState(log)).toEqual(replay(facts))
        await log.close()
        await place.remove()
      }),
      { numRuns: 25 },
    )
  })

  it('is found again by a runtime, with its snapshot or without [IDB-10]', async () => {
    const runtime = await openAgentRuntime({ log: await place.open() })
    runtime.registerPricing('your-model', { inputPerMillion: 3, outputPerMillion: 15 })
    const writer = runtime.orchestrator({ role: 'writer', phase: 'draft' })
    await writer.session((session) => session.runTurn(() => 'a draft', DRAFT), { threadId: 'essay' })
    const state = runtime.getState()
    await runtime.close()
    for (const damage of [keep, damageSnapshot, deleteSnapshot]) {
      await damage()
      const again = await openAgentRuntime({ log: await place.open() })
      expect(again.getState()).toEqual(state)
      expect(again.select.totals().turns).toBe(1)
      await again.close()
      const log = await place.openReadOnly()
      expect(await log.snapshots.load()).toMatchObject({ seq: state.seq, state })
      await log.close()
    }
  })

  async function keep(): Promise<void> {
    // The snapshot is as it was saved.
  }

  /** It would double what was spent. */
  function damageSnapshot(): Promise<void> {
    return place.change(async (database) => {
      const snapshot = (await database.get('snapshots', 1)) as KeptSnapshot
      const state = snapshot.state.replaceAll('5000', '9999')
      expect(state).not.toBe(snapshot.state)
      await database.put('snapshots', { ...snapshot, state }, 1)
    })
  }

  function deleteSnapshot(): Promise<void> {
    return place.change((database) => database.clear('snapshots'))
  }
})

type Step = { readonly session: number; readonly call: string }

/** The facts of sessions that are open at the same time. */
async function record(steps: readonly Step[]): Promise<readonly AnyFact[]> {
  const { runtime, orchestrator } = createTestRuntime()
  const sessions = await Promise.all(
    ['a', 'b', 'c', undefined].map((threadId) => orchestrator.open(threadId ? { threadId } : {})),
  )
  for (const { session, call } of steps) await perform(sessions[session]!, call).catch(() => undefined)
  return runtime.log.facts()
}

async function perform(session: AgentSession, call: string): Promise<unknown> {
  if (call === 'turn') return session.runTurn(() => 'a draft', DRAFT)
  if (call === 'failing turn') return session.runTurn(() => Promise.reject(new Error('down')), DRAFT)
  if (call === 'tool') return session.runTool('lookUp', () => 'found')
  return call === 'complete' ? session.complete() : session.cancel()
}

function snapshotOf(facts: readonly AnyFact[]): Snapshot {
  return { seq: facts.length, stateVersion: STATE_VERSION, state: replay(facts) }
}
