import { attempt, createWorld, TURN, type Scenario } from './world.js'

/** Threads with idempotency keys and streams, a sink that fails, and a runtime that forgets. */
export const threads: Scenario = async () => {
  const broken = {
    name: 'broken',
    usage: () => {
      throw new TypeError('no table')
    },
  }
  const options = { retainEndedSessions: 1, retainThreads: 1, sinks: [broken] }
  const { runtime, orchestrator } = createWorld({}, options)
  for (const threadId of ['essay', 'essay', 'poem', 'song']) {
    await orchestrator.session(
      (session) => session.runTurn(() => ({ text: threadId }), { ...TURN, idempotencyKey: 'draft', input: 'a topic' }),
      { threadId },
    )
  }
  await orchestrator.session(async (session) => {
    const options = { model: 'your-model', usage: () => TURN.usage, keepChunks: true }
    for await (const _event of session.runTurnStream(chunks, options));
    for await (const _event of session.runTurnStream(chunks, options)) break
    await attempt(session.runTurn(() => Promise.reject(new Error('refused')), TURN))
  })
  return runtime.log
}

async function* chunks(): AsyncGenerator<string> {
  yield 'once upon '
  yield 'a time'
}
