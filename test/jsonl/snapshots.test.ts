import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { initialState, loadState, STATE_VERSION, type RuntimeState } from '../../src/index.js'
import { openJsonlLog, type JsonlLog } from '../../src/jsonl/index.js'
import { rejection } from '../support/runtime.js'
import { appendTo, readAll, readSeqs } from '../log/facts.js'
import { flipped, readLines, tempLog, writeLog, type TempLog } from './files.js'

const stateAt = (seq: number): RuntimeState => ({ ...initialState, seq })

describe('the snapshot beside a JSONL log', () => {
  let place: TempLog
  let snapshot: string

  beforeEach(() => {
    place = tempLog()
    snapshot = `${place.path}.snapshot`
  })

  afterEach(() => place.remove())

  async function withLog<T>(use: (log: JsonlLog) => Promise<T>, path = place.path): Promise<T> {
    const log = await openJsonlLog(path)
    try {
      return await use(log)
    } finally {
      await log.close()
    }
  }

  const save = (seq: number) => (log: JsonlLog) =>
    log.snapshots.save({ seq, stateVersion: STATE_VERSION, state: stateAt(seq) })

  /** 2,600 facts, a snapshot after the 2,500th. */
  async function writeWithSnapshot(path = place.path): Promise<void> {
    await writeLog(path, 2_500)
    await withLog(save(2_500), path)
    await withLog(async (log) => void appendTo(log, ...new Array<string>(100).fill('late')), path)
  }

  /** The log is what it is without a snapshot. */
  async function expectIgnored(): Promise<void> {
    await withLog(async (log) => {
      expect(await log.snapshots.load()).toBeUndefined()
      expect([log.head(), log.head('odd'), log.head('even'), log.head('late')]).toEqual([2_600, 1_250, 1_250, 100])
    })
  }

  it('spares the facts before it from being read [JSONL-12]', async () => {
    await writeWithSnapshot()
    const bytes = readFileSync(place.path)
    const start = bytes.indexOf('"seq":1200,')
    writeFileSync(place.path, flipped(bytes, start * 8))
    await withLog(async (log) => {
      expect(await log.snapshots.load()).toEqual({ seq: 2_500, stateVersion: STATE_VERSION, state: stateAt(2_500) })
      expect([log.head(), log.head('odd'), log.head('even'), log.head('late')]).toEqual([2_600, 1_250, 1_250, 100])
      expect(await readSeqs(log, { from: 2_598 })).toEqual([2_599, 2_600])
      expect(await readSeqs(log, { stream: 'late', from: 99 })).toEqual([2_600])
      // Whoever reads them finds out.
      expect(await rejection(readAll(log))).toMatchObject({ code: 'log_corrupt', position: { seq: 1_200 } })
      expect(await rejection(readAll(log, { stream: 'odd' }))).toMatchObject({ code: 'log_corrupt' })
    })
  })

  it('does not spare the facts after it [JSONL-12]', async () => {
    await writeWithSnapshot()
    const bytes = readFileSync(place.path)
    writeFileSync(place.path, flipped(bytes, bytes.indexOf('"seq":2550,') * 8))
    expect(await rejection(openJsonlLog(place.path))).toMatchObject({ code: 'log_corrupt', position: { seq: 2_550 } })
  })

  it('finds every position and every stream as a log without one does [JSONL-12]', async () => {
    await writeWithSnapshot()
    const look = (log: JsonlLog) =>
      Promise.all([
        ...[0, 1, 998, 999, 1_000, 1_001, 1_999, 2_000, 2_499, 2_500, 2_501, 2_600].map((from) =>
          readSeqs(log, { from }),
        ),
        ...['odd', 'even', 'late', 'none'].map((stream) => readSeqs(log, { stream, from: 7 })),
      ])
    const withIt = await withLog(look)
    rmSync(snapshot)
    expect(withIt).toEqual(await withLog(look))
    expect(withIt[4]?.[0]).toBe(1_001)
    expect(withIt.at(-2)?.[0]).toBe(2_508)
  })

  it('is ignored when any of its bytes is not as it was written [JSONL-12]', async () => {
    await writeWithSnapshot()
    const bytes = readFileSync(snapshot)
    for (const position of [0, 20, bytes.indexOf('"offsets"') + 12, bytes.indexOf('\n'), bytes.indexOf('"sessions"')]) {
      writeFileSync(snapshot, flipped(bytes, position * 8))
      await expectIgnored()
    }
    for (const size of [0, 10, bytes.indexOf('\n'), bytes.indexOf('\n') + 1, bytes.length - 2]) {
      writeFileSync(snapshot, bytes.subarray(0, size))
      await expectIgnored()
    }
  })

  it('is ignored when it is of another log [JSONL-12]', async () => {
    await writeWithSnapshot()
    const other = `${place.path}.other`
    await writeLog(other, 2_500, (seq) => (seq === 2_500 ? '0052' : String(seq)))
    await withLog(save(2_500), other)
    copyFileSync(`${other}.snapshot`, snapshot)
    await expectIgnored()
  })

  it('is ignored when the log ends before it [JSONL-12]', async () => {
    await writeWithSnapshot()
    writeFileSync(place.path, `${readLines(place.path).slice(0, 2_500).join('\n')}\n`)
    await withLog(async (log) => {
      expect(await log.snapshots.load()).toBeUndefined()
      expect([log.head(), log.head('odd'), log.head('even')]).toEqual([2_499, 1_250, 1_249])
    })
  })

  it('is of the last fact: that of another is refused [JSONL-13]', async () => {
    await writeLog(place.path, 3)
    await withLog(async (log) => {
      for (const seq of [0, 2, 4]) {
        expect(await rejection(save(seq)(log))).toMatchObject({ code: 'invalid_argument', field: 'snapshot.seq' })
      }
      expect(await log.snapshots.load()).toBeUndefined()
    })
  })

  it('waits for the facts before it, and not for those that follow [JSONL-13]', async () => {
    await withLog(async (log) => {
      appendTo(log, 'a', 'b')
      const saved = save(2)(log)
      appendTo(log, 'a', 'c')
      await saved
    })
    await withLog(async (log) => {
      expect(await log.snapshots.load()).toMatchObject({ seq: 2 })
      expect([log.head(), log.head('a'), log.head('b'), log.head('c')]).toEqual([4, 2, 1, 1])
    })
  })

  it('is finished before the log is closed, and the latest one stays [JSONL-13]', async () => {
    const log = await openJsonlLog(place.path)
    appendTo(log, 'a')
    const first = save(1)(log)
    appendTo(log, 'a')
    const second = save(2)(log)
    await log.close()
    await Promise.all([first, second])
    await withLog(async (again) => expect(await again.snapshots.load()).toMatchObject({ seq: 2 }))
  })

  it('is not made of nothing, by a log that is closed, or by one that is only read [JSONL-13]', async () => {
    const log = await openJsonlLog(place.path)
    await save(0)(log)
    expect(await log.snapshots.load()).toBeUndefined()
    await log.close()
    expect(await rejection(save(0)(log))).toMatchObject({ code: 'log_unavailable', reason: 'closed' })
    const reader = await openJsonlLog(place.path, { readOnly: true })
    expect(await rejection(save(0)(reader))).toMatchObject({ code: 'log_unavailable', reason: 'read_only' })
    await reader.close()
  })

  it('is where a state is loaded from [JSONL-12]', async () => {
    await writeWithSnapshot()
    const bytes = readFileSync(place.path)
    writeFileSync(place.path, flipped(bytes, bytes.indexOf('"seq":1200,') * 8))
    await withLog(async (log) => expect(await loadState(log)).toEqual(stateAt(2_600)))
    rmSync(snapshot)
    expect(await rejection(openJsonlLog(place.path))).toMatchObject({ code: 'log_corrupt' })
  })
})
