import type { Clock } from '../../sagas/context.js'
import { assertArgument } from '../../slices/rules/errors.js'
import { createSystemClock } from '../clock.js'
import { nonBlank, parse } from '../config/schema.js'
import type { Checkpoint, CheckpointStep, CheckpointStore } from './checkpointStore.js'
import { frozenJson } from './frozenJson.js'

export interface MemoryCheckpointsOptions {
  /** What stamps `createdAt`. Default: the system's. */
  readonly clock?: Pick<Clock, 'now'> | undefined
}

interface Thread {
  /** Oldest first. */
  readonly checkpoints: Checkpoint[]
  /** Where in the list a checkpoint is, by its id. */
  readonly positions: Map<string, number>
  /** By key; the latest is the last. */
  readonly steps: Map<string, CheckpointStep>
}

/** Checkpoints in this process's memory. They are copied and frozen once, when they are put, and handed out as they are. */
export function createMemoryCheckpoints({
  clock = createSystemClock(),
}: MemoryCheckpointsOptions = {}): CheckpointStore {
  const threads = new Map<string, Thread>()
  let checkpointCount = 0
  let stepCount = 0

  function threadFor(threadId: string): Thread {
    const known = threads.get(threadId)
    if (known) return known
    const thread: Thread = { checkpoints: [], positions: new Map(), steps: new Map() }
    threads.set(threadId, thread)
    return thread
  }

  return {
    async put(threadId, state, { parentId = null, metadata = {} } = {}) {
      parse(nonBlank, threadId, 'threadId')
      if (parentId !== null) parse(nonBlank, parentId, 'parentId')
      const content = { state: frozenJson(state, 'state'), metadata: frozenJson(metadata, 'metadata') }
      const sequence = (checkpointCount += 1)
      const id = `checkpoint-${sequence}`
      const checkpoint = Object.freeze({ id, threadId, sequence, parentId, ...content, createdAt: clock.now() })
      const { checkpoints, positions } = threadFor(threadId)
      positions.set(id, checkpoints.length)
      checkpoints.push(checkpoint)
      return checkpoint
    },

    async get(threadId, id) {
      parse(nonBlank, threadId, 'threadId')
      const thread = threads.get(threadId)
      if (id === undefined) return thread?.checkpoints.at(-1)
      return thread?.checkpoints[thread.positions.get(id) ?? -1]
    },

    async list(threadId, { before, limit = 10 } = {}) {
      parse(nonBlank, threadId, 'threadId')
      assertArgument(Number.isSafeInteger(limit) || limit === Infinity, 'limit', limit, 'an integer or Infinity')
      const thread = threads.get(threadId)
      if (!thread) return []
      const { checkpoints, positions } = thread
      const end = before === undefined ? checkpoints.length : (positions.get(before) ?? 0)
      return checkpoints.slice(Math.max(0, end - limit), end).reverse()
    },

    async delete(threadId) {
      parse(nonBlank, threadId, 'threadId')
      threads.delete(threadId)
    },

    async putStep(threadId, key, state) {
      parse(nonBlank, threadId, 'threadId')
      parse(nonBlank, key, 'key')
      const content = { state: frozenJson(state, 'state') }
      const sequence = (stepCount += 1)
      const step = Object.freeze({ threadId, key, sequence, ...content, createdAt: clock.now() })
      const { steps } = threadFor(threadId)
      // A key that is set again would keep its place.
      steps.delete(key)
      steps.set(key, step)
      return step
    },

    async getStep(threadId, key) {
      parse(nonBlank, threadId, 'threadId')
      parse(nonBlank, key, 'key')
      return threads.get(threadId)?.steps.get(key)
    },

    async listSteps(threadId) {
      parse(nonBlank, threadId, 'threadId')
      return [...(threads.get(threadId)?.steps.values() ?? [])]
    },
  }
}
