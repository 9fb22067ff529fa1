import { describe, expect, it } from 'vitest'
import { createMemoryCheckpoints } from '../../src/index.js'
import { describeCheckpointStore } from './storeBehaviour.js'

describeCheckpointStore('checkpoints in memory', (clock) => createMemoryCheckpoints({ clock }))

describe('checkpoints in memory', () => {
  it('are handed out as they are, without a copy', async () => {
    const store = createMemoryCheckpoints()
    const put = await store.put('t', { text: 'x' })
    const step = await store.putStep('t', 's', { text: 'x' })
    expect(await store.get('t')).toBe(put)
    expect(await store.get('t', put.id)).toBe(put)
    expect((await store.list('t'))[0]).toBe(put)
    expect(await store.getStep('t', 's')).toBe(step)
    expect((await store.listSteps('t'))[0]).toBe(step)
  })

  it('are listed in a list of their own each time', async () => {
    const store = createMemoryCheckpoints()
    await store.put('t', {})
    const listed = (await store.list('t')) as unknown[]
    listed.length = 0
    expect(await store.list('t')).toHaveLength(1)
  })

  it.each<[string, unknown]>([
    ['clock', { clock: 5 }],
    ['clock.now', { clock: {} }],
    ['clocks', { clocks: [] }],
    ['options', null],
  ])('are not made when %s is not usable', (field, options) => {
    expect(() => createMemoryCheckpoints(options as never)).toThrow(
      expect.objectContaining({ code: 'invalid_argument', field }),
    )
  })

  it('are stamped by the system when there is no other clock', async () => {
    const before = Date.now()
    const { createdAt } = await createMemoryCheckpoints().put('t', {})
    expect(createdAt).toBeGreaterThanOrEqual(before)
    expect(createdAt).toBeLessThanOrEqual(Date.now())
  })
})
