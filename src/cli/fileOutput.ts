import { createWriteStream } from 'node:fs'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { finished } from 'node:stream/promises'
import { CliError } from './cliError.js'
import { systemReason } from './systemReason.js'

type Write = (text: string) => Promise<void>

/**
 * Makes a new file, filled by `fill`. What cannot be written to its end is not left behind.
 *
 * @throws {CliError} It exists already, or cannot be written.
 */
export async function createFile<T>(path: string, fill: (write: Write) => Promise<T>): Promise<T> {
  const file = await openFile(path)
  try {
    const filled = await fill(file.write)
    await file.close()
    return filled
  } catch (error) {
    await file.close().catch(() => undefined)
    await rm(path, { force: true })
    throw error
  }
}

async function openFile(path: string) {
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
    async write(text: string) {
      if (!stream.write(text)) await told(Promise.race([once(stream, 'drain'), isWritten]))
    },
    async close() {
      stream.end()
      await told(isWritten)
    },
  }
}
