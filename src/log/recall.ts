import { sessionReturned } from '../../slices/facts.js'
import type { AnswerOutcome } from '../../slices/rules/answers.js'
import type { EventLog } from './eventLog.js'

/** What a function of a thread returned last, read from the log. `undefined`: it has not, or it ended in another way. */
export async function recall(log: EventLog, threadId: string, run: string): Promise<AnswerOutcome | undefined> {
  let outcome: AnswerOutcome | undefined
  if (log.head(threadId) === 0) return undefined
  for await (const fact of log.read({ stream: threadId })) {
    if (sessionReturned.match(fact) && fact.payload.run === run) ({ outcome } = fact.payload)
  }
  return outcome
}
