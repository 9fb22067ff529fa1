import type { Run } from '../../model/index.js'
import type { AnswerTo, Line, Question, Reply, Request } from './question.js'

export interface Asker {
  /**
   * Questions are answered one after the other.
   *
   * @param signal - Aborted: nobody waits any more. A question whose turn has not come is not asked then.
   * @throws {Error} Its message says why there is no answer.
   */
  ask<Asked extends Question>(question: Asked, signal: AbortSignal): Promise<AnswerTo<Asked>>
}

/** A worker, as the page sees it. */
export interface AskedWorker extends Line {
  onerror: ((event: ErrorEvent) => void) | null
  terminate(): void
}

/** So many are copied without a pause that anybody notices. */
const FACTS_AT_ONCE = 1_000

/**
 * Asks a worker, so that the page can go on meanwhile. It is started for the first question, and is sent the facts of a log with the
 * first one about it.
 *
 * @param runs - Of the logs, in their order.
 */
export function createAsker(runs: readonly Run[], startWorker: () => AskedWorker): Asker {
  let worker: AskedWorker | undefined
  const sent = new Set<number>()
  let turn: Promise<unknown> = Promise.resolve()

  function send(request: Request): Promise<unknown> {
    const asked = (worker ??= startWorker())
    return new Promise((resolve, reject) => {
      asked.onmessage = ({ data }) => {
        const reply = data as Reply
        if ('error' in reply) reject(new Error(reply.error))
        else resolve(reply.answer)
      }
      asked.onerror = () => {
        end()
        reject(new Error('The page cannot answer this any more: load it again'))
      }
      asked.postMessage(request)
    })
  }

  function end(): void {
    worker?.terminate()
    worker = undefined
    sent.clear()
  }

  async function sendFacts(log: number): Promise<void> {
    const run = runs[log]
    if (!run) throw new Error('There is no second log')
    if (sent.has(log)) return
    for (let from = 0; from < run.head; from += FACTS_AT_ONCE)
      await send({ kind: 'facts', log, facts: run.facts.slice(from, from + FACTS_AT_ONCE) })
    sent.add(log)
  }

  async function answer(question: Question, signal: AbortSignal): Promise<unknown> {
    signal.throwIfAborted()
    for (const log of logsOf(question)) await sendFacts(log)
    signal.throwIfAborted()
    return send(question)
  }

  return {
    ask<Asked extends Question>(question: Asked, signal: AbortSignal) {
      const answered = turn.then(() => answer(question, signal))
      turn = answered.catch(() => undefined)
      return answered as Promise<AnswerTo<Asked>>
    },
  }
}

function logsOf(question: Question): readonly number[] {
  return question.kind === 'compare' ? [question.a.log, question.b.log] : [question.log]
}
