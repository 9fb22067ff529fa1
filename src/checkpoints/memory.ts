import * as v from 'valibot'
import type { Clock } from '../../sagas/clock.js'
import { createSystemClock } from '../clock.js'
import { functionOf, nonBlank, parse, strictOptions } from '../config/schema.js'
import type { Checkpoint, CheckpointStep, CheckpointStore } from './checkpointStore.js'
import { frozenJson } from './frozenJson.js'
import { parseListOptions, parsePutOptions } from './options.js'

export interface MemoryCheckpointsOptions {
  /** What stamps `createdAt`. Default: the system's. */
  readonly clock?: Pick<Clock, 'now'> | undefined
}

const optionsSchema = strictOptions({
  clock: v.optional(v.looseObject({ now: functionOf<Clock['now']>('a function') }, 'a clock')),
})

interface Thread {
  /** Oldest first. */
  readonly checkpoints: Checkpoint[]
  /** Where in the list a checkpoint is, by its id. */
  readonly positions: Map<string, number>
  /** By key; the latest is the last. */
  readonly steps: Map<string, CheckpointStep>
}

/**
 * Checkpoints in this process's memory. They are copied and frozen once, when they are put, and handed out as they are. All are
 * kept until their thread is deleted.
 *
 * @throws {InvalidArgumentError} Names the option.
 * @example
 * const checkpoints = createMemoryCheckpoints()
 * const { id } = await checkpoints.put('user-42:essay', { outline: ['why', 'how'] })
 * await checkpoints.put('user-42:essay', { outline: ['why', 'how', 'when'] }, { parentId: id })
 */
export function createMemoryCheckpoints(options: MemoryCheckpointsOptions = {}): CheckpointStore {
  parse(optionsSchema, options)
  const { clock = createSystemClock() } = options
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
    async put(threadId, state, given = {}) {
      parse(nonBlank, threadId, 'threadId')
      const content = { ...parsePutOptions(given), state: frozenJson(state, 'state') }
      const sequence = (checkpointCount += 1)
      const id = `checkpoint-${sequence}`
      const checkpoint = Object.freeze({ id, threadId, sequence, ...content, createdAt: clock.now() })
      const { checkpoints, positions } = threadFor(threadId)
      positions.set(id, checkpoints.length)
      checkpoints.push(checkpoint)
      return checkpoint
    },

    async get(threadId, id) {
      parse(nonBlank, threadId, 'threadId')
      const thread = threads.get(threadId)
      if (id === undefined) return thread?.checkpoints.at(-1)
      parse(nonBlank, id, 'id')
      return thread?.checkpoints[thread.positions.get(id) ?? -1]
    },

    async list(threadId, given = {}) {
      parse(nonBlank, threadId, 'threadId')
      const { before, limit } = parseListOptions(given)
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
