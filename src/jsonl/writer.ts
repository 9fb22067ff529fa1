import { ConcurrentWriterError } from '../log/concurrentWriterError.js'
import { writeFully, type DiskFile } from './disk.js'
import type { EncodedFact } from './factLine.js'
import { readLines } from './lines.js'
import type { Offsets } from './offsets.js'

/** Appends facts to the file. After it has thrown it must not be used again: what an fsync that failed has lost is not known. */
export class Writer {
  readonly #file: DiskFile
  readonly #offsets: Offsets
  /** Where the durable facts end in the file. */
  #end: number

  constructor(file: DiskFile, offsets: Offsets, end: number) {
    this.#file = file
    this.#offsets = offsets
    this.#end = end
  }

  /** One write and one fsync for all of them. */
  async write(facts: readonly EncodedFact[]): Promise<void> {
    await this.#assertUntouched(facts)
    const bytes = Buffer.from(facts.map(({ line }) => line).join(''))
    try {
      await writeFully(this.#file, bytes, this.#end)
      await this.#file.datasync()
    } catch (error) {
      // Nobody was told that these are durable. What stays of them is found by the next opening.
      await this.#file.truncate(this.#end).catch(() => undefined)
      throw error
    }
    for (const { meta, line } of facts) {
      this.#offsets.note(meta, this.#end)
      this.#end += Buffer.byteLength(line)
    }
  }

  /** The lock keeps out who asks for it. Somebody who does not ask, or removes it, is noticed here. */
  async #assertUntouched([first]: readonly EncodedFact[]): Promise<void> {
    const { size, nlink } = await this.#file.stat()
    if (nlink === 0) throw new Error('the file of the log was removed')
    if (size === this.#end) return
    const expected = (first?.meta.seq ?? 1) - 1
    throw new ConcurrentWriterError(null, expected, await countFacts(this.#file))
  }
}

/** As many as there are lines, without the header. */
async function countFacts(file: DiskFile): Promise<number> {
  let count = -1
  for await (const lines of readLines(file, 0)) count += lines.filter(({ isEnded }) => isEnded).length
  return Math.max(0, count)
}
