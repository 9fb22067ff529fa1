import { describe, expect, it } from 'vitest'
import { diff, facts, type AgentSession, type Handoff, type RunDiff } from '../../src/index.js'
import { createTestRuntime, DRAFT } from '../support/runtime.js'

type Program = (session: AgentSession) => unknown

const work: Program = (session) => session.runTurn(() => 'text', DRAFT)

const typesOf = ({ facts }: RunDiff, kind: string) =>
  facts.flatMap((fact) => (fact.kind === kind ? [(fact.a ?? fact.b)!.fact.type] : []))

const isHandoff = (value: unknown): value is Handoff =>
  typeof value === 'object' && value !== null && 'targetSessionId' in value

describe('what looks like an id', () => {
  const recorded = async (program: Program, before: readonly Program[] = []) => {
    const { runtime, orchestrator } = createTestRuntime({}, { record: { results: 'json' } })
    const editor = runtime.orchestrator({ role: 'editor', phase: 'review' })
    for (const other of before) await orchestrator.session(other)
    const returned = await orchestrator.session(program, { threadId: 'essay' })
    if (isHandoff(returned)) await editor.session(work, { handoff: returned, threadId: 'essay' })
    return runtime.log
  }
  const essay = { a: { threadId: 'essay' }, b: { threadId: 'essay' } }

  it.each<[string, (value: string) => Program, string]>([
    ['a step answered', (value) => (session) => session.step('pick', () => value), 'payload.outcome.value'],
    [
      'a tool answered',
      (value) => (session) => session.runTool('pick', () => ({ turnId: value, threadId: value })),
      'payload.outcome.value.turnId',
    ],
    [
      'a turn answered',
      (value) => (session) => session.runTurn(() => ({ turnId: value }), DRAFT),
      'payload.outcome.value.value.turnId',
    ],
    [
      'was passed on',
      (value) => (session) => session.handoffTo('editor', { reason: 'ready', context: { sessionId: value } }),
      'payload.context.sessionId',
    ],
    [
      'a step is called',
      (value) => async (session) => {
        await session.step(value, () => 1)
      },
      'payload.name',
    ],
  ])('is compared as it is where %s [DIFF-2]', async (_, program, path) => {
    const logs = [await recorded(program('tool-1')), await recorded(program('tool-2'))] as const
    expect((await diff(...logs)).firstDivergence).toMatchObject({ path, expected: 'tool-1', actual: 'tool-2' })
    expect(await diff(await recorded(program('tool-1')), logs[0])).toMatchObject({ identical: true })
  })

  it('is no thread because a thread is called so [DIFF-2]', async () => {
    const { runtime, orchestrator } = createTestRuntime({ role: 'letter', phase: 'letter' })
    for (const threadId of ['letter', 'letter-2'])
      await orchestrator.session((session) => session.runTool('letter', () => 1), { threadId })
    const threads = { a: { threadId: 'letter' }, b: { threadId: 'letter-2' } }
    expect(await diff(runtime.log, runtime.log, threads)).toMatchObject({ identical: true, firstDivergence: null })
  })

  it('is one in what the runtime says of a recorded turn [DIFF-2]', async () => {
    const turn: Program = async (session) => {
      await session.runTurn(() => 'text', DRAFT)
    }
    const later: Program = async (session) => {
      await session.runTurn(() => 'another', { ...DRAFT, name: 'first' })
      await turn(session)
    }
    const result = await diff(await recorded(turn), await recorded(later))
    expect(typesOf(result, 'changed')).toEqual([])
    expect(typesOf(result, 'only_b')).toEqual(['turns/started', 'turns/completed', 'calls/answered'])
  })

  it('is one in a recorded handoff, and in what its worker returned [DIFF-2]', async () => {
    const program: Program = (session) => session.handoffTo('editor', { reason: 'ready', context: {} })
    const [early, late] = [await recorded(program), await recorded(program, [work, work])]
    const targets = [early, late].map((log) => log.facts().find(facts.handoffIssued.match)!.payload.targetSessionId)
    expect(targets).toEqual(['session-2', 'session-4'])
    expect(await diff(early, late, essay)).toMatchObject({ identical: true, firstDivergence: null })
  })
})
