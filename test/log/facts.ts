import type { EventLog, Fact } from '../../src/index.js'

/** Facts that go on after `after`, one for each stream that is named. */
export function factsFor(after: number, ...streams: readonly string[]): Fact[] {
  return streams.map((stream, index) => createFact(after + index + 1, stream))
}

export function createFact(seq: number, stream = 'a', payload: unknown = { sessionId: `session-${seq}` }): Fact {
  return { type: 'sessions/completed', payload, meta: { seq, at: 1_000 + seq, stream, v: 1 } }
}

/** Appends facts where the log ends, each to the stream that is named for it. */
export function appendTo(log: EventLog, ...streams: readonly string[]): Fact[] {
  const facts = factsFor(log.head(), ...streams)
  for (const fact of facts) log.append(fact.meta.stream, [fact])
  return facts
}

export async function readAll(log: Pick<EventLog, 'read'>, options?: Parameters<EventLog['read']>[0]): Promise<Fact[]> {
  const facts: Fact[] = []
  for await (const fact of log.read(options)) facts.push(fact)
  return facts
}

export async function readSeqs(log: EventLog, options?: Parameters<EventLog['read']>[0]): Promise<number[]> {
  return (await readAll(log, options)).map(({ meta }) => meta.seq)
}
