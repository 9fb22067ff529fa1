import { describe, expect, it } from 'vitest'
import { diff, fork, type AgentSession, type MemoryLog } from '../../src/index.js'
import { startProcess, type TestProcess } from '../resume/processes.js'
import { DRAFT, rejection } from '../support/runtime.js'

const THREAD = 'essay'
const COPY = 'essay/other'
const PRICED = { budgetUsd: 0.08, enforceBudget: true }

/** Three turns of $0.033 each. What each says is noted when it is called. */
const writing = (called: string[], voice: string) => async (session: AgentSession) => {
  const said: string[] = []
  for (const part of ['opening', 'middle', 'end']) {
    const { value } = await session.runTurn(
      () => {
        called.push(part)
        return `${voice} ${part}`
      },
      { ...DRAFT, name: part },
    )
    said.push(value)
  }
  return said
}

/** The `seq` of the answer that is `count` answers away from the first. */
function answerAt(log: MemoryLog, count: number): number {
  return log.facts().filter(({ type }) => type === 'calls/answered')[count]!.meta.seq
}

describe('running an agent on a fork', () => {
  it('pays only for what comes after [FORK-6]', async () => {
    const first = await startProcess()
    await first.orchestrator.session(writing([], 'calm'), { threadId: THREAD })
    const { log } = (await first.crash()).runtime
    await fork(log, { threadId: THREAD, at: answerAt(log, 1), as: COPY, clock: first.clock })
    const second = await startProcess({}, log)
    const called: string[] = []
    const said = await second.orchestrator.session(writing(called, 'bold'), { threadId: COPY })
    expect(called).toEqual(['end'])
    expect(said).toEqual(['calm opening', 'calm middle', 'bold end'])
    expect(second.runtime.select.summary('session-2').usage.costUsd).toBe(0.099)
    expect(second.runtime.select.summary('session-1').status).toBe('completed')
  })

  it('goes on with the budget that the original had left [FORK-6]', async () => {
    const first = await startProcess({ orchestrator: PRICED })
    await rejection(first.orchestrator.session(writing([], 'calm'), { threadId: THREAD }))
    const { log } = (await first.crash()).runtime
    await fork(log, { threadId: THREAD, at: answerAt(log, 1), as: COPY, clock: first.clock })
    const second = await startProcess({ orchestrator: PRICED }, log)
    const error = await rejection(second.orchestrator.session(writing([], 'bold'), { threadId: COPY }))
    expect(error).toMatchObject({ code: 'budget_exceeded', currentCostUsd: 0.099, called: true })
  })

  it('answers from the idempotency keys of the original [FORK-7]', async () => {
    const first = await startProcess()
    const keyed = (voice: string) => (session: AgentSession) =>
      session.runTurn(() => voice, { ...DRAFT, idempotencyKey: 'draft' })
    await first.orchestrator.session(keyed('calm'), { threadId: THREAD })
    const { log } = (await first.crash()).runtime
    await fork(log, { threadId: THREAD, as: COPY, clock: first.clock })
    const second = await startProcess({}, log)
    const session = await second.orchestrator.open({ threadId: COPY })
    expect(await keyed('bold')(session)).toMatchObject({ value: 'calm', replayed: true })
  })

  it('gives a finished function what it returned [FORK-6]', async () => {
    const first = await startProcess()
    await first.orchestrator.session(writing([], 'calm'), { threadId: THREAD })
    const { log } = (await first.crash()).runtime
    await fork(log, { threadId: THREAD, as: COPY, clock: first.clock })
    const second = await startProcess({}, log)
    const called: string[] = []
    const said = await second.orchestrator.session(writing(called, 'bold'), { threadId: COPY })
    expect({ said, called }).toEqual({ said: ['calm opening', 'calm middle', 'calm end'], called: [] })
  })

  it('hands the work to the worker that was copied [FORK-8]', async () => {
    const first = await startProcess()
    const pass = async (session: AgentSession) => session.handoffTo('editor', { reason: 'done', context: {} })
    await first.orchestrator.session(pass, { threadId: THREAD })
    const { log } = (await first.crash()).runtime
    await first.clock.advance(500)
    await fork(log, { threadId: THREAD, at: answerAt(log, 0), as: COPY, clock: first.clock })
    const second = await startProcess({}, log)
    const handoff = await second.orchestrator.session(pass, { threadId: COPY })
    expect(handoff).toMatchObject({ sourceSessionId: 'session-3', targetSessionId: 'session-4', createdAt: 1_500 })
    const editor = second.runtime.orchestrator({ role: 'editor', phase: 'review' })
    expect((await editor.open({ handoff })).id).toBe('session-4')
  })

  it('finds what a chain of handoffs returned, worker by worker [FORK-6, FORK-8]', async () => {
    const first = await startProcess()
    const calls: string[] = []
    const chain = async ({ runtime, orchestrator }: TestProcess, threadId: string) => {
      const passed = await orchestrator.session(
        async (session) => {
          calls.push('writer')
          return { handoffs: [await session.handoffTo('editor', { reason: 'done', context: {} })] }
        },
        { threadId },
      )
      const editor = runtime.orchestrator({ role: 'editor', phase: 'review' })
      const edit = () => {
        calls.push('editor')
        return 'edited'
      }
      return [passed, await editor.session(edit, { threadId, handoff: passed.handoffs[0]! })] as const
    }
    await chain(first, THREAD)
    const { log } = (await first.crash()).runtime
    await first.clock.advance(500)
    await fork(log, { threadId: THREAD, as: COPY, clock: first.clock })
    const [passed, edited] = await chain(await startProcess({}, log), COPY)
    expect(passed.handoffs).toMatchObject([{ sourceSessionId: 'session-3', targetSessionId: 'session-4' }])
    expect(edited).toBe('edited')
    expect(calls).toEqual(['writer', 'editor'])
    expect(await diff(log, log, { a: { threadId: THREAD }, b: { threadId: COPY } })).toMatchObject({ identical: true })
  })
})
