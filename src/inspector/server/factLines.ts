import type { Fact } from '../../../slices/fact.js'
import { isRuntimeError } from '../../../slices/rules/errors.js'
import { CliError } from '../../cli/cliError.js'
import type { OpenedLog } from '../../cli/io.js'
import type { Withhold } from './withheld.js'

const CHUNK = 1 << 16

/**
 * The facts of a log as lines of JSON, many at a time. What cannot be read ends them with a line `{"error":"…"}`: by then the answer
 * has begun, and its status cannot tell.
 */
export async function* factLines({ log }: OpenedLog, withhold: Withhold): AsyncGenerator<string, void, undefined> {
  let lines = ''
  try {
    for await (const fact of log.read()) {
      lines += `${JSON.stringify(withhold(fact))}\n`
      if (lines.length < CHUNK) continue
      yield lines
      lines = ''
    }
  } catch (error) {
    lines += `${JSON.stringify({ error: toldOf(error) })}\n`
  }
  yield lines
}

/** For nothing to be withheld. */
export function asRecorded(fact: Fact): Fact {
  return fact
}

export function toldOf(error: unknown): string {
  return error instanceof CliError || isRuntimeError(error) ? error.message : 'the log could not be read'
}
