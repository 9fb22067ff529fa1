import { describe, expect, it } from 'vitest'
import { replay, type AgentSession, type RunOptions } from '../../src/index.js'
import { startProcess, type ProcessOptions, type TestProcess } from './processes.js'
import { leave, never, outcomeOf, pass } from './twice.js'

type Fn<T> = (session: AgentSession) => T | Promise<T>

const run = <T>(process: TestProcess, fn: Fn<T>, options: RunOptions = {}): Promise<T> =>
  process.orchestrator.session(fn, { threadId: 't', ...options })

async function left(fn: Fn<unknown>, options: ProcessOptions = {}): Promise<TestProcess> {
  const first = await startProcess(options)
  leave(run(first, fn))
  await pass(first)
  return first.crash()
}

const neverRun = (): never => {
  throw new Error('it must not be run')
}

const oneTurn: Fn<unknown> = async (session) => (await session.runTurn(() => 'draft')).value
const hanging: Fn<unknown> = async (session) => (await session.runTurn(never)).value
const statusOf = ({ runtime }: TestProcess, id = 'session-1') => runtime.select.session(id)?.lifecycle.status

describe('a thread that has returned', () => {
  it('returns that again, in its own process and in the next ones [DUR-17]', async () => {
    let process = await startProcess()
    expect(await run(process, oneTurn)).toBe('draft')
    for (let restart = 0; restart < 3; restart += 1) {
      expect(await run(process, neverRun)).toBe('draft')
      process = await process.crash()
    }
    expect(process.factTypes().filter((type) => type === 'sessions/opened')).toHaveLength(1)
  })

  it('returns that again when its session was forgotten long ago [DUR-17]', async () => {
    const process = await startProcess({ runtime: { retainEndedSessions: 0, record: { results: 'json' } } })
    await run(process, oneTurn)
    expect(process.runtime.select.session('session-1')).toBeUndefined()
    expect(await run(process, neverRun)).toBe('draft')
    expect(await run(await process.crash(), neverRun)).toBe('draft')
  })

  it('returns a copy: what is done to it is not in the next one [DUR-17]', async () => {
    const process = await startProcess()
    const words = await run(process, () => ['draft'])
    words.push('changed')
    expect(await run(process, neverRun)).toEqual(['draft'])
  })

  it('begins anew when it is told to [DUR-18]', async () => {
    const process = await startProcess()
    await run(process, oneTurn)
    expect(await run(process, () => 'anew', { resume: false })).toBe('anew')
    expect(await run(process, neverRun)).toBe('anew')
  })

  it.each([
    ['failed', (session: AgentSession) => session.runTurn(() => Promise.reject(new Error('no')))],
    ['cancelled', (session: AgentSession) => session.cancel('enough')],
  ] as const)('%s, and begins anew [DUR-18]', async (status, fn) => {
    const first = await startProcess()
    await outcomeOf(run(first, async (session) => void (await fn(session), session.now())))
    expect(statusOf(first)).toBe(status)
    const second = await first.crash()
    if (status === 'failed') expect(await run(second, oneTurn)).toBe('draft')
    expect(await run(second, oneTurn, { resume: false })).toBe('draft')
  })
})

describe('a thread that was left unfinished', () => {
  it('is cancelled when its function begins anew [DUR-18]', async () => {
    const second = await left(hanging)
    expect(await run(second, () => 'anew', { resume: false })).toBe('anew')
    expect(statusOf(second)).toBe('cancelled')
    expect(await run(second, neverRun)).toBe('anew')
  })

  it('is taken up once: whoever comes meanwhile is told that it runs [DUR-19]', async () => {
    const second = await left(hanging)
    const going = run(second, hanging)
    leave(going)
    await pass(second)
    expect(await outcomeOf(run(second, neverRun))).toMatchObject({
      threw: { code: 'thread_busy', threadId: 't', sessionId: 'session-1' },
    })
  })

  it('that runs for the first time is told of as well [DUR-19]', async () => {
    const process = await startProcess()
    leave(run(process, hanging))
    expect(await outcomeOf(run(process, neverRun))).toMatchObject({ threw: { code: 'thread_busy' } })
  })

  it('is refused when its results were not recorded, before anything is called [DUR-20]', async () => {
    const second = await left(hanging, { runtime: { record: { results: 'none' } } })
    const third = await second.crash({ runtime: { record: { results: 'json' } } })
    expect(await outcomeOf(run(third, neverRun))).toMatchObject({
      threw: { code: 'thread_not_resumable', threadId: 't', sessionId: 'session-1', lost: null },
    })
    expect(await run(third, oneTurn, { resume: false })).toBe('draft')
  })

  it('goes on without recorded results when nothing had begun [DUR-20]', async () => {
    const second = await left(never, { runtime: { record: { results: 'none' } } })
    expect(await run(second, oneTurn)).toBe('draft')
  })

  it('is refused when a result is no JSON: it warns of that at once, and names the call later [DUR-20]', async () => {
    const first = await startProcess()
    const lossy = async (session: AgentSession) => {
      await session.runTurn(() => new Map([['a', 1]]), { name: 'draft' })
      await never()
    }
    leave(run(first, lossy))
    await pass(first)
    expect(first.warnings.some((warning) => warning.includes("turn 'draft' is not recorded"))).toBe(true)
    const second = await first.crash()
    expect(await outcomeOf(run(second, neverRun))).toMatchObject({
      threw: { code: 'thread_not_resumable', lost: { kind: 'turn', name: 'draft' } },
    })
    expect(second.factTypes()).not.toContain('sessions/resumed')
  })

  it('is refused at once when a result refers to itself in many places [DUR-20]', async () => {
    const first = await startProcess()
    const parent: Record<string, unknown> = { empty: undefined }
    parent['children'] = Array.from({ length: 3 }, () => ({ parent }))
    leave(run(first, async (session) => [await session.step('tree', () => parent), await never()]))
    await pass(first)
    expect(first.warnings).toEqual([expect.stringContaining("step 'tree' is not recorded because children")])
    expect(await outcomeOf(run(await first.crash(), neverRun))).toMatchObject({
      threw: { code: 'thread_not_resumable', lost: { kind: 'step', name: 'tree' } },
    })
  })

  it('is parked when its process goes down, and goes on in the next one [DUR-21]', async () => {
    const first = await startProcess()
    const running = run(first, hanging)
    leave(running)
    await pass(first)
    expect(await first.runtime.drain({ timeoutMs: 0 })).toEqual({ finished: 0, parked: ['session-1'] })
    expect(await outcomeOf(running)).toMatchObject({ threw: { code: 'session_parked' } })
    expect(await outcomeOf(run(first, neverRun))).toMatchObject({ threw: { code: 'runtime_draining' } })
    expect(await run(await first.crash(), oneTurn)).toBe('draft')
  })

  it('goes on after many restarts as if there had been none [DUR-21]', async () => {
    const calls: string[] = []
    const parts = ['a', 'b', 'c', 'd']
    let process = await startProcess()
    for (let until = 0; until < parts.length; until += 1) {
      leave(
        run(process, async (session) => {
          for (const [at, part] of parts.entries()) {
            await session.step(part, () => (at >= until ? never() : calls.push(part)))
          }
        }),
      )
      await pass(process)
      process = await process.crash()
    }
    await run(process, async (session) => {
      for (const part of parts) await session.step(part, () => calls.push(part))
    })
    expect(calls).toEqual(parts)
    expect(replay(process.runtime.log.facts())).toEqual(process.runtime.getState())
  })

  it('is one of several in its thread: each role has its own [DUR-22]', async () => {
    const first = await startProcess()
    const editorOf = ({ runtime }: TestProcess) => runtime.orchestrator({ role: 'editor', phase: 'review' })
    const draft = await run(first, oneTurn)
    leave(editorOf(first).session(hanging, { threadId: 't' }))
    await pass(first)
    const second = await first.crash()
    const edited = await editorOf(second).session(async (session) => (await session.runTurn(() => 'edited')).value, {
      threadId: 't',
    })
    expect([draft, edited, await run(second, neverRun)]).toEqual(['draft', 'edited', 'draft'])
    expect(second.runtime.select.session('session-2')?.role).toBe('editor')
  })

  it('is not taken up by a process that records nothing, when its results were recorded [DUR-29]', async () => {
    const first = await startProcess()
    leave(first.orchestrator.session((session) => session.step('hang', never), { threadId: 't' }))
    await pass(first)
    const second = await first.crash({ runtime: { record: {} } })
    const again = () =>
      second.orchestrator.session((session) => session.step('hang', () => 'secret'), { threadId: 't' })
    expect(await outcomeOf(again())).toMatchObject({ threw: { code: 'invalid_argument', field: 'record.results' } })
    expect(JSON.stringify(second.runtime.log.facts())).not.toContain('secret')
  })
})
