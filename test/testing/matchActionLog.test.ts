import { expect, it } from 'vitest'
import { facts, InvalidArgumentError } from '../../src/index.js'
import { actionLog, createTestRuntime, matchActionLog, type FactPattern } from '../../src/testing/index.js'

/** A writer that is refused its second turn, and an editor. */
async function record() {
  const { runtime, orchestrator } = createTestRuntime({ role: 'writer', maxIterations: 1 })
  await orchestrator.session(async (session) => {
    await session.runTurn(() => 'text', { usage: { outputTokens: 12 } })
    await session.runTurn(() => 'text').catch(() => undefined)
  })
  await runtime.orchestrator({ role: 'editor', phase: 'review' }).session(() => 'nothing to do')
  return runtime
}

const EDITOR = ['sessions/opened', 'sessions/completed']
const WRITER = ['sessions/opened', 'turns/started', 'turns/completed', 'turns/refused', 'sessions/completed']

it('holds what sessions did against a list, one session after the other [KIT-16]', async () => {
  const runtime = await record()
  expect(matchActionLog(runtime, [...EDITOR, ...WRITER]).pass).toBe(true)
  expect(matchActionLog(actionLog(runtime), [...EDITOR, ...WRITER]).pass).toBe(true)
  expect(matchActionLog(runtime.log.facts(), [...EDITOR, ...WRITER]).pass).toBe(true)
  expect(matchActionLog(runtime, [...WRITER, ...EDITOR]).pass).toBe(false)
  expect(matchActionLog(runtime, EDITOR).pass).toBe(false)
})

it('holds it against a list for each session [KIT-16]', async () => {
  const runtime = await record()
  expect(matchActionLog(runtime, { writer: WRITER, editor: EDITOR }).pass).toBe(true)
  expect(matchActionLog(runtime, { writer: WRITER }).pass).toBe(false)
  expect(matchActionLog(runtime, { writer: WRITER, editor: EDITOR, critic: EDITOR }).pass).toBe(false)
})

it('takes types, creators, and facts with a part of their payload [KIT-16]', async () => {
  const runtime = await record()
  const completed = { type: 'turns/completed', payload: { usage: { outputTokens: 12 }, metered: true } }
  const refused = facts.turnRefused({ sessionId: 'session-9', model: 'test-model', reason: 'max_iterations_exceeded' })
  const writer: FactPattern[] = [facts.sessionOpened, 'turns/started', completed, refused, facts.sessionCompleted]
  expect(matchActionLog(runtime, { writer, editor: EDITOR }).pass).toBe(true)
  const other = { type: 'turns/completed', payload: { usage: { outputTokens: expect.any(String) as number } } }
  expect(matchActionLog(runtime, { writer: writer.with(2, other), editor: EDITOR }).pass).toBe(false)
})

it('says what is missing, what is too much, and where a payload differs [KIT-16]', async () => {
  const runtime = await record()
  const completed = { type: 'turns/completed', payload: { usage: { outputTokens: 13 } } }
  const writer = ['sessions/opened', 'turns/started', completed, 'tools/started', 'sessions/completed']
  const { message } = matchActionLog(runtime, { writer, editor: EDITOR })
  expect(`${message()}\n`).toBe(`\
the action log is another one (- missing, + not expected, ~ different):

editor
  sessions/opened
  sessions/completed

writer
  sessions/opened
  turns/started
~ turns/completed  payload.usage.outputTokens: expected 13, got 12
- tools/started
+ turns/refused  {"model":"test-model","reason":"max_iterations_exceeded"}
  sessions/completed
`)
  expect(matchActionLog(runtime, { writer: WRITER, editor: EDITOR }).message()).toBe(
    'expected another action log than this',
  )
})

it('takes matchers of the runner for a whole payload [KIT-16]', async () => {
  const runtime = await record()
  const opened = (role: string) => ({
    type: 'sessions/opened',
    payload: expect.objectContaining({ role }) as object,
  })
  expect(matchActionLog(runtime, { writer: WRITER, editor: [opened('editor'), 'sessions/completed'] }).pass).toBe(true)
  expect(matchActionLog(runtime, { writer: WRITER, editor: [opened('writer'), 'sessions/completed'] }).pass).toBe(false)
})

it('says how to compare what was said, when a pattern names it [KIT-16]', async () => {
  const { runtime, orchestrator } = createTestRuntime()
  await orchestrator.session((session) => session.complete('all is well'))
  const expected = ['sessions/opened', { type: 'sessions/completed', payload: { detail: 'all is well' } }]
  expect(matchActionLog(runtime, expected).message()).toMatch(
    /got "\[content\]"\n\nAn action log has \[content\] .* actionLog\(runtime, { content: true }\)$/,
  )
  expect(matchActionLog(actionLog(runtime, { content: true }), expected).pass).toBe(true)
  expect(matchActionLog(runtime, ['sessions/opened']).message()).not.toContain('content: true')
})

it.each([
  [{ type: 'sessions/opened', paylod: { role: 'writer' } }, 'expected.paylod'],
  [{ type: 'sessions/opened', meta: { seq: 1 } }, 'expected.meta'],
  [null, 'expected'],
])('refuses a pattern that says what nobody would look at: %j [KIT-16]', async (pattern, field) => {
  const runtime = await record()
  expect(() => matchActionLog(runtime, [pattern] as never)).toThrow(expect.objectContaining({ field }) as Error)
})

it('refuses what is no pattern, and what is no log [KIT-16]', async () => {
  const runtime = await record()
  expect(() => matchActionLog(runtime, [{ payload: {} }] as never)).toThrow(InvalidArgumentError)
  expect(() => matchActionLog(runtime, 5 as never)).toThrow(/^expected must be a list of facts/)
  expect(() => matchActionLog(runtime, null as never)).toThrow(/^expected must be a list of facts/)
  expect(() => matchActionLog({} as never, [])).toThrow(InvalidArgumentError)
})
