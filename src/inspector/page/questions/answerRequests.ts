import type { AnyFact } from '../../../../slices/state.js'
import { askWhatIf, compareRuns } from '../../model/index.js'
import { selectionOf } from '../compare/part.js'
import { messageOf } from '../format.js'
import type { Line, Reply, Request } from './question.js'

/** By the place of the log. */
type Logs = Map<number, AnyFact[]>

/** Keeps the facts it is sent, and answers questions about them. */
export function answerRequests(line: Line): void {
  const logs: Logs = new Map()
  const reply = (told: Reply) => line.postMessage(told)
  line.onmessage = ({ data }) => {
    answer(logs, data as Request).then(
      (answer) => reply({ answer }),
      (error: unknown) => reply({ error: messageOf(error) }),
    )
  }
}

async function answer(logs: Logs, request: Request): Promise<unknown> {
  const run = (log: number) => ({ facts: logs.get(log) ?? [] })
  switch (request.kind) {
    case 'facts':
      logs.set(request.log, logs.get(request.log) ?? [])
      logs.get(request.log)?.push(...request.facts)
      return null
    case 'compare': {
      const { a, b } = request
      return compareRuns(run(a.log), run(b.log), { a: selectionOf(a), b: selectionOf(b) })
    }
    case 'what_if':
      return askWhatIf(run(request.log), request.changes)
  }
}
