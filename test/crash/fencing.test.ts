import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openAgentRuntime, type AgentSession, type Orchestrator } from '../../src/index.js'
import { nodeDisk, type Disk, type DiskFile } from '../../src/jsonl/disk.js'
import { openJsonlLog } from '../../src/jsonl/index.js'
import { openLog } from '../../src/jsonl/open.js'
import { createManualClock } from '../../src/testing/index.js'
import { tempLog, type TempLog } from '../jsonl/files.js'

const THREADS = ['first', 'second', 'third'] as const

type Fault = (file: DiskFile, hasFailed: () => boolean) => Partial<DiskFile>

/** What a disk does when it fails. */
const faults: Readonly<Record<string, Fault>> = {
  'EIO on fsync': (file, hasFailed) => ({
    datasync: () => (hasFailed() ? Promise.reject(systemError('EIO')) : file.datasync()),
  }),
  'ENOSPC on write': (file, hasFailed) => ({
    write: (...args) => (hasFailed() ? Promise.reject(systemError('ENOSPC')) : file.write(...args)),
  }),
  'ENOSPC in the middle of a write': (file, hasFailed) => ({
    async write(buffer, offset, length, position) {
      if (!hasFailed()) return file.write(buffer, offset, length, position)
      await file.write(buffer, offset, Math.floor(length / 2), position)
      throw systemError('ENOSPC')
    },
  }),
}

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: the disk failed`), { code })
}

/** A disk whose log fails from the given operation on. */
function failingDisk(path: string, fault: Fault, nth: number): Disk {
  return {
    ...nodeDisk,
    async open(opened, flags) {
      const file = await nodeDisk.open(opened, flags)
      if (opened !== path) return file
      let count = 0
      const whole: DiskFile = {
        read: (...args) => file.read(...args),
        write: (...args) => file.write(...args),
        stat: () => file.stat(),
        truncate: (size) => file.truncate(size),
        datasync: () => file.datasync(),
        sync: () => file.sync(),
        close: () => file.close(),
      }
      return { ...whole, ...fault(whole, () => ++count >= nth) }
    },
  }
}

/** What was called, and what the agents got. */
class World {
  readonly called: string[] = []
  readonly got: string[] = []

  /** Two turns in a branch each, a tool, a step and a last turn. */
  async agent(session: AgentSession, thread: string): Promise<string> {
    const turn = async (name: string): Promise<string> => {
      const { value } = await session.runTurn(() => this.#call(thread, name), { name, input: name })
      this.got.push(value)
      return value
    }
    await Promise.all([turn('left'), turn('right')])
    this.got.push(await session.runTool('look', () => this.#call(thread, 'look'), { idempotent: true }))
    this.got.push(await session.step('fetch', () => this.#call(thread, 'fetch')))
    return turn('last')
  }

  run(orchestrator: Orchestrator): Promise<readonly PromiseSettledResult<string>[]> {
    return Promise.allSettled(
      THREADS.map((threadId) =>
        orchestrator
          .session((session) => this.agent(session, threadId), { threadId })
          .then((result) => {
            this.got.push(`${result}, returned`)
            return result
          }),
      ),
    )
  }

  async #call(thread: string, name: string): Promise<string> {
    this.called.push(`${thread} ${name}`)
    return `${thread} ${name}`
  }
}

const unavailable: unknown = expect.objectContaining({ code: 'log_unavailable' })

describe('a log that fails while sessions run', () => {
  let file: TempLog

  beforeEach(() => {
    file = tempLog()
  })

  afterEach(() => file.remove())

  async function start(disk: Disk = nodeDisk) {
    const clock = createManualClock(1_000)
    const log = await openLog(disk, file.path)
    const runtime = await openAgentRuntime({ log, clock, record: { results: 'json' } })
    const orchestrator = runtime.orchestrator({ role: 'writer', phase: 'draft' })
    return { runtime, orchestrator, clock }
  }

  it.each(Object.keys(faults))(
    'acknowledges nothing from then on, and a later runtime goes on: %s [DUR-15]',
    async (name) => {
      for (let nth = 1; nth <= 12; nth += 1) {
        const before = new World()
        const first = await start(failingDisk(file.path, faults[name]!, nth))
        const outcomes = await before.run(first.orchestrator)
        const rejected = outcomes.filter(({ status }) => status === 'rejected')
        if (rejected.length === 0) expect(nth).toBeGreaterThan(4)
        for (const outcome of rejected) expect(outcome).toMatchObject({ reason: unavailable })
        await first.runtime.close().catch((error: unknown) => expect(error).toEqual(unavailable))

        const after = new World()
        const second = await start()
        const results = await after.run(second.orchestrator)
        expect(results.map((result) => result.status === 'fulfilled' && result.value)).toEqual(
          THREADS.map((thread) => `${thread} last`),
        )
        // Whatever somebody had got was on the disk.
        expect(after.called.filter((call) => before.got.includes(call))).toEqual([])
        await second.runtime.close()
        file.remove()
        file = tempLog()
      }
    },
  )

  it('stops whatever waits, for a model, a tool, a step, a person or a moment [DUR-15]', async () => {
    let hasFailed = false
    const fault: Fault = (whole) => ({
      datasync: () => (hasFailed ? Promise.reject(systemError('EIO')) : whole.datasync()),
    })
    const { runtime, orchestrator } = await start(failingDisk(file.path, fault, 1))
    const begun: string[] = []
    const hang = (what: string) => (): Promise<never> => {
      begun.push(what)
      return new Promise(() => undefined)
    }
    const waits: readonly ((session: AgentSession) => Promise<unknown>)[] = [
      (session) => session.runTurn(hang('turn')),
      (session) => session.runTool('hang', hang('tool')),
      (session) => session.step('hang', hang('step')),
      (session) => session.pauseForInput('Which?'),
      (session) => session.sleep(1_000_000),
      (session) => session.runTool('ask', hang('approved'), { requireApproval: true }),
    ]
    const running = waits.map((wait, index) => orchestrator.session(wait, { threadId: `thread ${index}` }))
    const settled = Promise.allSettled(running)
    while (begun.length < 3) await new Promise(setImmediate)
    await runtime.log.flush()
    hasFailed = true
    await expect(orchestrator.session((session) => session.runTurn(() => 'lost'))).rejects.toEqual(unavailable)
    for (const outcome of await settled) expect(outcome).toMatchObject({ status: 'rejected', reason: unavailable })
    await expect(orchestrator.session(() => 'never')).rejects.toEqual(unavailable)
    await expect(orchestrator.open()).rejects.toEqual(unavailable)
    await expect(runtime.close()).rejects.toEqual(unavailable)
    const log = await openJsonlLog(file.path)
    expect(log.head()).toBeGreaterThan(0)
    await log.close()
  })
})
