import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadState, replay, type Fact } from '../../src/index.js'
import { openJsonlLog } from '../../src/jsonl/index.js'
import { createTestRuntime } from '../../src/testing/index.js'
import { createFact, factsFor, readAll } from '../log/facts.js'
import { readLines, sealed, tempLog, writeLog, type TempLog } from './files.js'

describe('the file of a JSONL log', () => {
  let place: TempLog
  beforeEach(() => void (place = tempLog()))
  afterEach(() => place.remove())

  it('has a header and a line for each fact, in the order of its members [JSONL-1]', async () => {
    const log = await openJsonlLog(place.path)
    log.append('a', [createFact(1, 'a', { text: 'line\nend 🧵' })])
    log.append('b', [createFact(2, 'b')])
    await log.close()
    expect(readFileSync(place.path, 'utf8')).toBe(
      [
        sealed('{"format":"redux-agent-runtime/log","version":1}'),
        sealed(
          '{"type":"sessions/completed","payload":{"text":"line\\nend 🧵"},"meta":{"seq":1,"at":1001,"stream":"a","v":1}}',
        ),
        sealed(
          '{"type":"sessions/completed","payload":{"sessionId":"session-2"},"meta":{"seq":2,"at":1002,"stream":"b","v":1}}',
        ),
        '',
      ].join('\n'),
    )
  })

  it('has lines that are facts as they are, and one more member [JSONL-1]', async () => {
    await writeLog(place.path, 3)
    const [, second = ''] = readLines(place.path)
    const { crc, ...fact } = JSON.parse(second) as Fact & { crc: string }
    expect(fact).toEqual(createFact(1, 'odd', { text: '1' }))
    expect(crc).toMatch(/^[0-9a-f]{8}$/)
  })

  it('is the same for the same facts [JSONL-1]', async () => {
    await writeLog(place.path, 20)
    await writeLog(`${place.path}.other`, 20)
    expect(readFileSync(`${place.path}.other`)).toEqual(readFileSync(place.path))
  })

  it('takes a large fact between small ones [JSONL-1]', async () => {
    const text = 'x'.repeat(3_000_000)
    await writeLog(place.path, 3, (seq) => (seq === 2 ? text : 'small'))
    const log = await openJsonlLog(place.path, { readOnly: true })
    const facts = await readAll(log)
    await log.close()
    expect(facts.map(({ payload }) => (payload as { text: string }).text)).toEqual(['small', text, 'small'])
  })

  it('takes facts only in their order and of their stream [STORE-2]', async () => {
    const log = await openJsonlLog(place.path)
    const [first, , third] = factsFor(0, 'a', 'a', 'a')
    expect(() => log.append('a', [first!, third!])).toThrow(expect.objectContaining({ code: 'invalid_argument' }))
    await log.close()
    expect(readLines(place.path)).toHaveLength(2)
  })

  it('takes nothing of an append with a payload that is no JSON [JSONL-2]', async () => {
    const log = await openJsonlLog(place.path)
    const [first] = factsFor(0, 'a')
    expect(() => log.append('a', [first!, createFact(2, 'a', { n: 1n })])).toThrow(TypeError)
    log.append('a', [first!])
    expect(await readAll(log)).toEqual([first])
    await log.close()
  })

  it('takes whatever a fact looks like [STORE-3]', async () => {
    const look = { type: 'x', payload: {}, meta: { seq: 9, at: 0, stream: 'b', v: 1 }, crc: '00000000' }
    const fact = createFact(1, 'a', look)
    const odd = { ...fact, meta: { ...fact.meta, seal: look } }
    const log = await openJsonlLog(place.path)
    log.append('a', [odd])
    await log.close()
    const again = await openJsonlLog(place.path)
    expect([again.head('a'), again.head('b')]).toEqual([1, 0])
    expect(await readAll(again, { stream: 'a' })).toEqual([odd])
    await again.close()
  })

  it('keeps what a runtime recorded: replayed, it gives the same state [JSONL-1]', async () => {
    const log = await openJsonlLog(place.path)
    const { runtime, orchestrator } = createTestRuntime({ log })
    await orchestrator.session((session) =>
      session.runTurn(() => 'text', { usage: { inputTokens: 5_000, outputTokens: 1_200 } }),
    )
    await log.close()
    const again = await openJsonlLog(place.path)
    expect(replay(await readAll(again))).toEqual(runtime.getState())
    expect(await loadState(again)).toEqual(runtime.getState())
    await again.close()
  })
})
