import { describe, expect, it } from 'vitest'
import type { EventLog, Fact } from '../../../src/index.js'
import { createFact, factsFor, readAll, readSeqs } from '../facts.js'
import { isLack } from './fixture.js'
import type { Harness } from './harness.js'

const MILLION = 1_000_000
const GROUP = 1_000
/** Streams that take turns, a group each. */
const STREAMS = 10

export function describeMillion<Place>({ fixture, place, open, keep }: Harness<Place>): void {
  describe('a million facts', () => {
    it('are appended in groups, and found wherever one looks [STORE-14]', async () => {
      const log = await open()
      await appendMillion(log)
      await findMillion(log)
      const { reopen } = fixture
      if (isLack(reopen)) return findLastOfStream(log)
      await log.close()
      const again = await keep(reopen(place()))
      await findMillion(again)
      await findLastOfStream(again)
    }, 120_000)
  })
}

async function appendMillion(log: EventLog): Promise<void> {
  for (let seq = 0; seq < MILLION; seq += GROUP) {
    const stream = streamAfter(seq)
    log.append(stream, factsFor(seq, ...new Array<string>(GROUP).fill(stream)))
    if ((seq / GROUP) % STREAMS === 0) await log.flush()
  }
  await log.flush()
}

async function findMillion(log: EventLog): Promise<void> {
  expect(log.head()).toBe(MILLION)
  expect(log.head(streamAfter(0))).toBe(MILLION / STREAMS)
  expect(await readSeqs(log, { from: MILLION - 3 })).toEqual([MILLION - 2, MILLION - 1, MILLION])
  const slice = await firstOf(log.read({ from: 567_890 }), 100)
  expect(slice).toEqual(factsFor(567_890, ...new Array<string>(100).fill(streamAfter(567_000))))
}

/** Some stores look through all of their facts for it. */
async function findLastOfStream(log: EventLog): Promise<void> {
  const lastOfStream = await readAll(log, { stream: streamAfter(0), from: MILLION / STREAMS - 1 })
  expect(lastOfStream).toEqual([createFact(MILLION - GROUP * (STREAMS - 1), streamAfter(0))])
}

function streamAfter(seq: number): string {
  return `thread-${(Math.floor(seq / GROUP) % STREAMS) + 1}`
}

async function firstOf(facts: AsyncIterable<Fact>, count: number): Promise<Fact[]> {
  const taken: Fact[] = []
  for await (const fact of facts) if (taken.push(fact) === count) break
  return taken
}
