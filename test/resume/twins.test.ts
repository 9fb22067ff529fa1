import { expect, it } from 'vitest'
import { OutcomeUnknownError, type AgentSession } from '../../src/index.js'
import { deferred } from '../support/runtime.js'
import { startProcess } from './processes.js'

/** Two calls that nobody can tell apart; the second begins when `second` resolves. Who hears of an unknown outcome goes on as told. */
function twins(effects: string[], second: Promise<unknown>, heard: (error: OutcomeUnknownError) => Promise<unknown>) {
  return async (session: AgentSession) => {
    const charge = (nth: string) =>
      session
        .runTool('charge', () => (effects.push(nth), deferred().promise), { args: { eur: 5 } })
        .catch((error: unknown) => heard(error as OutcomeUnknownError))
    const one = charge('one')
    await second
    await Promise.all([one, charge('two')])
  }
}

it('knows of each of two calls that are the same that its outcome is unknown [DUR-7]', async () => {
  const effects: string[] = []
  const never = new Promise<never>(() => undefined)
  const first = await startProcess()
  void first.orchestrator.session(
    twins(effects, never, () => never),
    { threadId: 't' },
  )
  await first.clock.advance(1)
  expect(effects).toEqual(['one'])
  const second = await first.crash()
  void second.orchestrator.session(
    twins(effects, Promise.resolve(), () => never),
    { threadId: 't' },
  )
  await second.clock.advance(1)
  await second.clock.advance(1_000)
  expect(effects).toEqual(['one', 'two'])
  const third = await second.crash()
  const unknown: string[] = []
  void third.orchestrator.session(
    twins(effects, Promise.resolve(), (error) => (unknown.push(error.toolCallId), never)),
    { threadId: 't' },
  )
  await third.clock.advance(1)
  await third.clock.advance(1_000)
  expect(unknown).toEqual(['tool-1', 'tool-2'])
  expect(effects).toEqual(['one', 'two'])
})
