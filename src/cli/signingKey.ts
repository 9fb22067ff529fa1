import { CliError } from './cliError.js'
import type { CliContext } from './context.js'

/**
 * The key in an environment variable. On the command line it would be in the list of processes and in the history of the shell.
 *
 * @param name - As `--key-env` says. `undefined`: no key is used.
 * @throws {CliError} There is no such variable, or it is blank.
 */
export function readSigningKey({ io }: CliContext, name: string | undefined): string | undefined {
  if (name === undefined) return undefined
  const key = io.env[name]
  if (key === undefined || key.trim() === '')
    throw new CliError(`--key-env ${name}: there is no such environment variable, or it is blank`)
  return key
}
