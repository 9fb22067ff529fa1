import { InvalidArgumentError } from '../../slices/rules/errors.js'
import type { EventLog } from './eventLog.js'

/**
 * A fact without a hash would break the chain of a log whose facts are sealed.
 *
 * @throws {InvalidArgumentError} The last fact of the log has a hash, and the log does not give hashes to facts.
 */
export async function assertSealsGoOn(log: EventLog): Promise<void> {
  if ('chain' in log) return
  for await (const { meta } of log.read({ from: Math.max(0, log.head() - 1) })) {
    if (meta.hash === undefined) continue
    throw new InvalidArgumentError('log', log, 'one that withHashChain returned, because its facts are sealed')
  }
}
