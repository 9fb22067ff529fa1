import { existsSync } from 'node:fs'
import { facts as factTypes, type EventLog, type Fact, type Json } from '../../src/index.js'
import { openJsonlLog } from '../../src/jsonl/index.js'
import { openSqliteLog } from '../../src/sqlite/index.js'
import { canonicalJson } from '../../slices/rules/json.js'
import { answerTo, type Asked } from './answers.js'
import type { Store } from './job.js'

/** What a log holds, read beside its writer or after its end. */
export interface Recorded {
  readonly facts: readonly Fact[]
  /** What a write that was cut off has left. */
  readonly tornBytes: number
}

export async function readLog(store: Store, path: string): Promise<Recorded> {
  if (!existsSync(path)) return { facts: [], tornBytes: 0 }
  const log = await (store === 'jsonl' ? openJsonlLog : openSqliteLog)(path, { readOnly: true })
  try {
    const facts: Fact[] = []
    for await (const fact of log.read()) facts.push(fact)
    return { facts, tornBytes: tornBytesOf(log) }
  } finally {
    await log.close()
  }
}

function tornBytesOf(log: EventLog): number {
  return 'recovered' in log ? ((log.recovered as { readonly cutBytes: number } | null)?.cutBytes ?? 0) : 0
}

/** Answers of a log, and where they are in it. No two questions of the test have the same answer. */
export function answersOf(facts: readonly Fact[]): ReadonlyMap<string, number> {
  const answers = new Map<string, number>()
  for (const fact of facts) {
    const { stream, seq } = fact.meta
    if (factTypes.callAnswered.match(fact)) {
      const { kind, outcome } = fact.payload
      answers.set(answerKey(stream, kind, valueOf(kind, outcome)), seq)
    } else if (factTypes.sessionReturned.match(fact)) {
      const { outcome } = fact.payload
      answers.set(answerKey(stream, 'session', valueOf('session', outcome)), seq)
    }
  }
  return answers
}

export function answerKey(thread: string, kind: string, value: Json): string {
  return `${thread} ${kind} ${canonicalJson(value)}`
}

/** The answer that the log has when this call is recorded. */
export function answerKeyOf(asked: Asked): string {
  const { endpoint, thread } = asked
  const answer = answerTo(asked)
  if (asked.name.startsWith('flaky')) return answerKey(thread, 'turn', FLAKY_MESSAGE)
  if (endpoint === 'turn') return answerKey(thread, 'turn', answer)
  if (endpoint === 'stream') return answerKey(thread, 'turn', answer.text.replaceAll(' ', ''))
  return answerKey(thread, endpoint === 'step' ? 'step' : 'tool', answer.text)
}

const FLAKY_MESSAGE = 'the server answered 503'

type Outcome = ReturnType<typeof factTypes.callAnswered>['payload']['outcome']

function valueOf(kind: string, outcome: Outcome): Json {
  if (outcome.kind === 'lost') return null
  if (outcome.kind === 'threw') return outcome.error.message
  const { value = null } = outcome
  return kind === 'turn' ? ((value as { readonly value?: Json }).value ?? null) : value
}
