import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import type { CheckpointStore, JsonObject } from '../../src/index.js'
import { createManualClock, type ManualClock } from '../../src/testing/index.js'
import { rejection } from '../support/runtime.js'

/** A clock that any of its readings may set back. */
function createLooseClock(readings: readonly number[]) {
  let read = 0
  return { now: () => readings[read++ % readings.length] ?? 0 }
}

const thread = fc.constantFrom('t1', 't2', 'constructor')
const key = fc.constantFrom('s1', 's2', '__proto__')

const operation = fc.oneof(
  { weight: 4, arbitrary: fc.record({ op: fc.constant('put' as const), thread }) },
  { weight: 3, arbitrary: fc.record({ op: fc.constant('putStep' as const), thread, key }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('delete' as const), thread }) },
)

interface Model {
  readonly checkpoints: { readonly id: string; readonly state: JsonObject }[]
  steps: { readonly key: string; readonly state: JsonObject }[]
}

/** What every checkpoint store does, wherever it keeps things. */
export function describeCheckpointStore(
  name: string,
  create: (clock: { now(): number }) => CheckpointStore | Promise<CheckpointStore>,
): void {
  describe(name, () => {
    let clock: ManualClock
    let store: CheckpointStore

    beforeEach(async () => {
      clock = createManualClock(1_000)
      store = await create(clock)
    })

    const idsOf = async (...given: Parameters<CheckpointStore['list']>) =>
      (await store.list(...given)).map(({ id }) => id)

    it('gives back what was put, numbered and stamped [CKPT-1]', async () => {
      await clock.advance(500)
      const put = await store.put('t', { step: 1 }, { parentId: 'checkpoint-0', metadata: { by: 'me' } })
      expect(put).toEqual({
        id: 'checkpoint-1',
        threadId: 't',
        sequence: 1,
        parentId: 'checkpoint-0',
        state: { step: 1 },
        metadata: { by: 'me' },
        createdAt: 1_500,
      })
      expect(await store.get('t', 'checkpoint-1')).toEqual(put)
      expect(await store.put('t', {})).toMatchObject({ id: 'checkpoint-2', parentId: null, metadata: {} })
    })

    it('gets the latest checkpoint when no id is given [CKPT-2]', async () => {
      await store.put('t', { n: 1 })
      await store.put('t', { n: 2 })
      await store.put('other', { n: 3 })
      expect(await store.get('t')).toMatchObject({ state: { n: 2 } })
    })

    it('has nothing in a thread that is not there, and nothing of another thread', async () => {
      const { id } = await store.put('t', {})
      await store.putStep('t', 's', {})
      expect(await store.get('other')).toBeUndefined()
      expect(await store.get('other', id)).toBeUndefined()
      expect(await store.get('t', 'checkpoint-9')).toBeUndefined()
      expect(await store.list('other')).toEqual([])
      expect(await idsOf('other', { before: id })).toEqual([])
      expect(await store.getStep('other', 's')).toBeUndefined()
      expect(await store.getStep('t', 'other')).toBeUndefined()
      expect(await store.listSteps('other')).toEqual([])
      await store.delete('other')
      expect(await store.get('t')).toMatchObject({ id })
    })

    it('lists the newest first: ten, or up to a limit, before a checkpoint or the end [CKPT-2]', async () => {
      for (let n = 1; n <= 12; n += 1) await store.put('t', { n })
      const down = (from: number, to: number) =>
        Array.from({ length: from - to + 1 }, (_, index) => `checkpoint-${from - index}`)
      expect(await idsOf('t')).toEqual(down(12, 3))
      expect(await idsOf('t', { limit: Infinity })).toEqual(down(12, 1))
      expect(await idsOf('t', { limit: 2 })).toEqual(down(12, 11))
      expect(await idsOf('t', { before: 'checkpoint-5', limit: 2 })).toEqual(down(4, 3))
      expect(await idsOf('t', { before: 'checkpoint-3' })).toEqual(down(2, 1))
      expect(await idsOf('t', { before: 'checkpoint-1' })).toEqual([])
      expect(await idsOf('t', { before: 'checkpoint-99' })).toEqual([])
      expect(await idsOf('t', { limit: 0 })).toEqual([])
      expect(await idsOf('t', { limit: -1 })).toEqual([])
    })

    it('puts a step in place of an earlier one of the same key, and behind all others [CKPT-5]', async () => {
      await store.putStep('t', 'a', { n: 1 })
      await store.putStep('t', 'b', { n: 2 })
      await clock.advance(5)
      const step = await store.putStep('t', 'a', { n: 3 })
      expect(step).toEqual({ threadId: 't', key: 'a', sequence: 3, state: { n: 3 }, createdAt: 1_005 })
      expect(await store.getStep('t', 'a')).toEqual(step)
      expect((await store.listSteps('t')).map(({ key, state }) => [key, state['n']])).toEqual([
        ['b', 2],
        ['a', 3],
      ])
    })

    it('forgets a deleted thread with its steps, and never gives its ids again [CKPT-4]', async () => {
      await store.put('t', {})
      await store.putStep('t', 's', {})
      await store.delete('t')
      expect(await store.get('t')).toBeUndefined()
      expect(await store.listSteps('t')).toEqual([])
      expect(await store.put('t', {})).toMatchObject({ id: 'checkpoint-2' })
      expect(await idsOf('t', { before: 'checkpoint-1' })).toEqual([])
    })

    it('hands out frozen data, which later changes of what was put do not reach [CKPT-1]', async () => {
      const state = { list: [{ n: 1 }], text: 'x' }
      const metadata = { tags: ['a'] }
      await store.put('t', state, { metadata })
      await store.putStep('t', 's', state)
      state.list[0]!.n = 2
      metadata.tags.push('b')
      for (const kept of [await store.get('t'), ...(await store.list('t')), await store.getStep('t', 's')]) {
        expect(kept?.state).toEqual({ list: [{ n: 1 }], text: 'x' })
        for (const part of [
          kept,
          kept?.state,
          kept?.state['list'],
          (kept?.state['list'] as [object] | undefined)?.[0],
        ]) {
          expect(Object.isFrozen(part)).toBe(true)
        }
      }
      const checkpoint = await store.get('t')
      expect(checkpoint?.metadata).toEqual({ tags: ['a'] })
      expect(Object.isFrozen(checkpoint?.metadata['tags'])).toBe(true)
    })

    it('keeps any JSON object as it is', async () => {
      await fc.assert(
        fc.asyncProperty(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 })), async (given) => {
          const state = JSON.parse(JSON.stringify(given)) as JsonObject
          await store.put('t', state, { metadata: state })
          await store.putStep('t', 's', state)
          const texts = [(await store.get('t'))!.state, (await store.get('t'))!.metadata]
          texts.push((await store.getStep('t', 's'))!.state)
          for (const kept of texts) expect(JSON.stringify(kept)).toBe(JSON.stringify(state))
        }),
      )
    })

    it('keeps everything in the order in which it was put, whatever the clock says [CKPT-3]', async () => {
      const readings = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 9 })
      await fc.assert(
        fc.asyncProperty(fc.array(operation, { maxLength: 40 }), readings, async (operations, stamps) => {
          const saver = await create(createLooseClock(stamps))
          const models = new Map<string, Model>()
          for (const [n, step] of operations.entries()) {
            const model = models.get(step.thread) ?? { checkpoints: [], steps: [] }
            models.set(step.thread, model)
            const state = { n }
            if (step.op === 'put') {
              const { id } = await saver.put(step.thread, state)
              model.checkpoints.unshift({ id, state })
            } else if (step.op === 'putStep') {
              await saver.putStep(step.thread, step.key, state)
              model.steps = [...model.steps.filter((other) => other.key !== step.key), { key: step.key, state }]
            } else {
              await saver.delete(step.thread)
              models.delete(step.thread)
            }
          }
          for (const threadId of ['t1', 't2', 'constructor']) {
            const { checkpoints, steps } = models.get(threadId) ?? { checkpoints: [], steps: [] }
            const listed = await saver.list(threadId, { limit: Infinity })
            expect(listed.map(({ id, state }) => ({ id, state }))).toEqual(checkpoints)
            expect((await saver.get(threadId))?.id).toBe(checkpoints[0]?.id)
            const listedSteps = await saver.listSteps(threadId)
            expect(listedSteps.map(({ key: name, state }) => ({ key: name, state }))).toEqual(steps)
          }
        }),
      )
    })

    it.each<[string, (saver: CheckpointStore) => Promise<unknown>]>([
      ['threadId', (saver) => saver.put(' ', {})],
      ['threadId', (saver) => saver.get('')],
      ['threadId', (saver) => saver.list(5 as never)],
      ['threadId', (saver) => saver.delete('')],
      ['threadId', (saver) => saver.putStep('\n', 's', {})],
      ['threadId', (saver) => saver.getStep('', 's')],
      ['threadId', (saver) => saver.listSteps('')],
      ['key', (saver) => saver.putStep('t', ' ', {})],
      ['key', (saver) => saver.getStep('t', '')],
      ['parentId', (saver) => saver.put('t', {}, { parentId: '' })],
      ['id', (saver) => saver.get('t', ' ')],
      ['before', (saver) => saver.list('t', { before: '' })],
      ['after', (saver) => saver.list('t', { after: 'checkpoint-1' } as never)],
      ['options', (saver) => saver.list('t', null as never)],
      ['tags', (saver) => saver.put('t', {}, { tags: [] } as never)],
      ['options', (saver) => saver.put('t', {}, null as never)],
      ['limit', (saver) => saver.list('t', { limit: 2.5 })],
      ['limit', (saver) => saver.list('t', { limit: NaN })],
      ['state', (saver) => saver.put('t', [1] as never)],
      ['state', (saver) => saver.put('t', 'text' as never)],
      ['state', (saver) => saver.put('t', new Map() as never)],
      ['state', (saver) => saver.put('t', { [Symbol('s')]: 1 })],
      ['state', (saver) => saver.putStep('t', 's', null as never)],
      ['state.a[1].b', (saver) => saver.put('t', { a: [1, { b: NaN }] })],
      ['state.at', (saver) => saver.putStep('t', 's', { at: new Date(0) as never })],
      ['metadata', (saver) => saver.put('t', {}, { metadata: 5 as never })],
      ['metadata.run', (saver) => saver.put('t', {}, { metadata: { run: (() => 1) as never } })],
    ])('names %s when that is not usable, and keeps nothing [CKPT-6]', async (field, call) => {
      expect(await rejection(call(store))).toMatchObject({ code: 'invalid_argument', field })
      expect(await store.list('t')).toEqual([])
      expect(await store.listSteps('t')).toEqual([])
      expect(await store.put('t', {})).toMatchObject({ id: 'checkpoint-1' })
      expect(await store.putStep('t', 's', {})).toMatchObject({ sequence: 1 })
    })
  })
}
