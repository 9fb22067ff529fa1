import { readFile } from 'node:fs/promises'
import { tryRead } from '../../slices/rules/errors.js'
import { CliError } from './cliError.js'
import { systemReason } from './systemReason.js'

/**
 * What is in a file that an option names.
 *
 * @param option - Such as `--head`.
 * @throws {CliError} It cannot be read, or is not JSON.
 */
export async function readJsonFile(path: string, option: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new CliError(`${option} ${path} cannot be read: ${systemReason(error)}`)
  })
  const read = tryRead(() => ({ value: JSON.parse(text) as unknown }))
  if (!read) throw new CliError(`${option} ${path} is not JSON`)
  return read.value
}
