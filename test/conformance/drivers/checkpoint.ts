import { deepStrictEqual } from 'node:assert/strict'
import { createMemoryCheckpoints, type CheckpointStore, type JsonObject } from '../../../src/index.js'
import { createManualClock } from '../../../src/testing/index.js'

interface Operation {
  readonly op: 'put' | 'get' | 'list' | 'delete' | 'putStep' | 'getStep' | 'listSteps'
  readonly thread: string
  readonly state: JsonObject
  readonly metadata?: JsonObject
  readonly key: string
  readonly ordinal?: number | null
  readonly before?: number | null
  readonly limit?: number
}

export async function checkpoint(
  { ops }: { readonly ops: readonly Operation[] },
  expected: { readonly steps: readonly object[] },
) {
  const clock = createManualClock()
  const store = createMemoryCheckpoints({ clock })
  const ids: string[] = []
  const ordinalOf = (id: string | undefined) => (id === undefined ? null : ids.indexOf(id))
  // The ordinal of a checkpoint that was never put stands for an id that nobody knows.
  const idOf = (ordinal: number | null | undefined) =>
    ordinal === null || ordinal === undefined ? undefined : (ids[ordinal] ?? 'unknown')

  for (const [index, operation] of ops.entries()) {
    await clock.advance(1)
    const step = await perform(store, operation)
    // Exactly: the ordinal 0 is not null.
    deepStrictEqual(step, expected.steps[index], `steps[${index}]`)
  }

  async function perform(saver: CheckpointStore, { op, thread, ...given }: Operation): Promise<object> {
    switch (op) {
      case 'put': {
        const { id } = await saver.put(thread, given.state, { metadata: given.metadata })
        ids.push(id)
        return { ordinal: ordinalOf(id) }
      }
      case 'get': {
        const found = await saver.get(thread, idOf(given.ordinal))
        return { ordinal: ordinalOf(found?.id), ...(found && { state: found.state, metadata: found.metadata }) }
      }
      case 'list': {
        const found = await saver.list(thread, { before: idOf(given.before), limit: given.limit })
        return { ordinals: found.map(({ id }) => ordinalOf(id)) }
      }
      case 'delete':
        await saver.delete(thread)
        return {}
      case 'putStep':
        await saver.putStep(thread, given.key, given.state)
        return {}
      case 'getStep':
        return { state: (await saver.getStep(thread, given.key))?.state ?? null }
      case 'listSteps':
        return { keys: (await saver.listSteps(thread)).map(({ key }) => key) }
    }
  }
}
