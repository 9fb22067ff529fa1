import { InvalidArgumentError } from '../../slices/rules/errors.js'
import type { Snapshot, SnapshotStore } from '../log/eventLog.js'
import type { StreamHeads } from '../log/streamHeads.js'
import type { Disk, DiskFile } from './disk.js'
import type { Offsets } from './offsets.js'
import { findLine } from './read.js'
import { readSnapshot, writeSnapshot, type SnapshotPlace } from './snapshotFile.js'

export interface SnapshotParts {
  readonly disk: Disk
  /** Of the snapshot. */
  readonly path: string
  readonly file: DiskFile
  readonly heads: StreamHeads
  readonly offsets: Offsets
  /** Throws when the log cannot be written. */
  assertWritable(): void
  flush(): Promise<void> | undefined
}

/** Keeps one snapshot, in a file beside the log. */
export class JsonlSnapshots implements SnapshotStore {
  readonly #parts: SnapshotParts
  /** They are written one after the other. */
  #saving: Promise<unknown> = Promise.resolve()

  constructor(parts: SnapshotParts) {
    this.#parts = parts
  }

  /** Resolves when none is being saved. */
  async idle(): Promise<void> {
    await this.#saving
  }

  async load(): Promise<Snapshot | undefined> {
    const { disk, path, file, heads } = this.#parts
    await this.idle()
    const snapshot = await readSnapshot(disk, path, file)
    const state = snapshot?.state()
    if (!snapshot || state === undefined || snapshot.place.seq > heads.of()) return undefined
    const { seq, stateVersion } = snapshot.place
    return { seq, stateVersion, state }
  }

  async save({ seq, stateVersion, state }: Snapshot): Promise<void> {
    const { heads, offsets, assertWritable, flush, disk, path, file } = this.#parts
    assertWritable()
    if (seq !== heads.of()) throw new InvalidArgumentError('snapshot.seq', seq, `that of the last fact, ${heads.of()}`)
    if (seq === 0) return
    // What is appended while this waits is no part of it.
    const streams = Array.from(heads.entries(), ([stream, count]) => [stream, count] as const)
    const save = async () => {
      await flush()
      const last = await findLine(file, offsets, seq)
      const place: SnapshotPlace = {
        seq,
        stateVersion,
        last,
        streams: streams.map(([stream, count]) => [stream, count, offsets.firstOf(stream)]),
        offsets: offsets.upTo(seq),
      }
      await writeSnapshot(disk, path, place, state)
    }
    const saved = this.#saving.then(save)
    this.#saving = saved.catch(() => undefined)
    await saved
  }
}
