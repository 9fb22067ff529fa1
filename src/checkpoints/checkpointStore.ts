import type { JsonObject } from '../../slices/rules/json.js'

/** The state of a thread at one moment. Frozen. */
export interface Checkpoint {
  readonly id: string
  readonly threadId: string
  /** Counts the checkpoints of the store: what orders them, whatever the clock says. */
  readonly sequence: number
  /** The checkpoint that this one was made from, if that was told. It may be of another thread. */
  readonly parentId: string | null
  readonly state: JsonObject
  readonly metadata: JsonObject
  /** Unix ms. */
  readonly createdAt: number
}

/** What one step of a thread came to. Frozen. */
export interface CheckpointStep {
  readonly threadId: string
  readonly key: string
  /** Counts the steps that were put into the store: what orders them, whatever the clock says. */
  readonly sequence: number
  readonly state: JsonObject
  /** When it was last put, in Unix ms. */
  readonly createdAt: number
}

export interface PutOptions {
  /** Default: none. */
  readonly parentId?: string | null | undefined
  /** Default: empty. */
  readonly metadata?: JsonObject | undefined
}

export interface ListOptions {
  /** Only checkpoints that are older than this one. Nothing when the thread has no such checkpoint. Default: all. */
  readonly before?: string | undefined
  /** How many at most. Default 10. */
  readonly limit?: number | undefined
}

/**
 * Where threads keep what they can go on from. States are JSON objects: anything that JSON would lose or change is refused.
 * Threads and steps come to be when something is put into them; a thread that is not there is empty.
 *
 * Every method rejects with an `InvalidArgumentError` that names the argument when a name is blank or a value cannot be used.
 */
export interface CheckpointStore {
  put(threadId: string, state: JsonObject, options?: PutOptions): Promise<Checkpoint>
  /** @param id - Default: the latest checkpoint of the thread. */
  get(threadId: string, id?: string): Promise<Checkpoint | undefined>
  /** Newest first. */
  list(threadId: string, options?: ListOptions): Promise<readonly Checkpoint[]>
  /** Forgets the checkpoints and the steps of a thread. Their ids are never given again. */
  delete(threadId: string): Promise<void>
  /** Keeps the state of a step, in place of an earlier one of the same key. The step is then the latest. */
  putStep(threadId: string, key: string, state: JsonObject): Promise<CheckpointStep>
  getStep(threadId: string, key: string): Promise<CheckpointStep | undefined>
  /** In the order in which they were last put. */
  listSteps(threadId: string): Promise<readonly CheckpointStep[]>
}
