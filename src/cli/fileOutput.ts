import { createWriteStream } from 'node:fs'
import { once } from 'node:events'
import { finished } from 'node:stream/promises'
import { CliError } from './cliError.js'
import { systemReason } from './systemReason.js'

/** A file that is being written. */
export interface FileOutput {
  write(text: string): Promise<void>
  /** Resolves when all of it is in the file. */
  close(): Promise<void>
}

/** @throws {CliError} It exists already, or cannot be written. */
export async function createFile(path: string): Promise<FileOutput> {
  const stream = createWriteStream(path, { flags: 'wx' })
  const isWritten = finished(stream)
  isWritten.catch(() => undefined)
  const told = async (work: Promise<unknown>): Promise<void> => {
    try {
      await work
    } catch (error) {
      throw new CliError(`${path} cannot be written: ${systemReason(error)}`)
    }
  }
  await told(once(stream, 'open'))
  return {
    async write(text) {
      if (!stream.write(text)) await told(Promise.race([once(stream, 'drain'), isWritten]))
    },
    async close() {
      stream.end()
      await told(isWritten)
    },
  }
}
