import { describe, expect, it } from 'vitest'
import { createMemoryLog, openAgentRuntime, type AgentSession, type RunOptions } from '../../src/index.js'
import { startProcess, type TestProcess } from './processes.js'
import { leave, never, pass } from './twice.js'

type Fn<T> = (session: AgentSession) => T | Promise<T>

const run = <T>(process: TestProcess, fn: Fn<T>, options: RunOptions = {}): Promise<T> =>
  process.orchestrator.session(fn, { threadId: 't', ...options })

const oneTurn: Fn<unknown> = async (session) => (await session.runTurn(() => 'draft')).value
const hanging: Fn<unknown> = async (session) => (await session.runTurn(never)).value
const statusOf = ({ runtime }: TestProcess, id = 'session-1') => runtime.select.session(id)?.lifecycle.status

describe('the next process', () => {
  it('cancels sessions that have no thread [DUR-23]', async () => {
    const first = await startProcess()
    leave(first.orchestrator.session(hanging))
    const opened = await first.orchestrator.open()
    leave(opened.runTurn(never))
    await pass(first)
    const second = await first.crash()
    expect([statusOf(second), statusOf(second, 'session-2')]).toEqual(['cancelled', 'cancelled'])
    expect(second.runtime.select.summary('session-2').turns).toMatchObject({ cancelled: 1, iterations: 0 })
  })

  it('parks sessions that were opened by hand in a thread, and takes none of them up [DUR-23]', async () => {
    const first = await startProcess()
    await first.orchestrator.open({ threadId: 't' })
    const second = await first.crash()
    expect(second.runtime.select.session('session-1')?.lifecycle.parkedAt).not.toBeNull()
    expect(await run(second, oneTurn)).toBe('draft')
    expect(second.runtime.select.session('session-2')?.threadId).toBe('t')
    second.runtime.cancelSession('session-1', 'nobody needs it')
    expect(second.runtime.select.session('session-1')?.lifecycle).toMatchObject({
      ...{ status: 'cancelled', detail: 'nobody needs it' },
    })
  })

  it('registers nothing twice [DUR-24]', async () => {
    const options = { orchestrator: { circuitBreaker: { name: 'api' }, providers: undefined } }
    const first = await startProcess(options)
    const facts = first.factTypes()
    const third = await (await first.crash()).crash()
    expect(third.factTypes()).toEqual(facts)
  })

  it('goes on in a thread that a handoff chain runs through, from the top [DUR-22]', async () => {
    const calls: string[] = []
    const chain = async ({ runtime, orchestrator: writer }: TestProcess, publish: () => unknown): Promise<unknown> => {
      const [editor, printer] = ['editor', 'printer'].map((role) => runtime.orchestrator({ role, phase: 'next' }))
      const first = await writer.session(
        async (session) => (
          await session.step('write', () => calls.push('write')),
          session.handoffTo(editor!, { reason: 'a' })
        ),
        { threadId: 't' },
      )
      const second = await editor!.session(
        async (session) => (
          await session.step('edit', () => calls.push('edit')),
          session.handoffTo(printer!, { reason: 'b' })
        ),
        { threadId: 't', handoff: first },
      )
      return printer!.session((session) => session.step('print', publish), { threadId: 't', handoff: second })
    }
    const first = await startProcess()
    leave(chain(first, never))
    await pass(first)
    const second = await first.crash()
    expect(await chain(second, () => 'printed')).toBe('printed')
    expect(await chain(await second.crash(), never)).toBe('printed')
    expect(calls).toEqual(['write', 'edit'])
  })

  it('begins with an empty log as with any other [DUR-16]', async () => {
    const runtime = await openAgentRuntime({ log: createMemoryLog() })
    expect(runtime.getState().seq).toBe(0)
  })
})
