import { expectTypeOf, it } from 'vitest'
import { createAgentRuntime, type StreamEvent, type StreamThunk } from '../src/index.js'

interface Delta {
  readonly words: readonly string[]
  readonly tokens?: number
}

const session = await createAgentRuntime().orchestrator({ role: 'writer', phase: 'draft' }).open()

async function* deltas(signal: AbortSignal): AsyncGenerator<Delta> {
  signal.throwIfAborted()
  yield { words: ['a'] }
}

async function* words(): AsyncGenerator<string> {
  yield 'a'
}

it('a stream of strings needs no options', () => {
  expectTypeOf(session.runTurnStream(words)).toExtend<AsyncIterable<StreamEvent<string>>>()
  expectTypeOf(session.runTurnStream(() => words(), { model: 'your-model' })).toExtend<
    AsyncIterable<StreamEvent<string>>
  >()
})

it('a stream of other chunks needs to be told where their text is, and knows its chunks', () => {
  const stream = session.runTurnStream(({ signal }) => deltas(signal), {
    text: (chunk) => chunk.words.join(' '),
    usage: ({ tokens }) => (tokens === undefined ? null : { outputTokens: tokens }),
  })
  expectTypeOf(stream).toExtend<AsyncIterable<StreamEvent<Delta>>>()
  session.runTurnStream(async ({ signal }) => deltas(signal), { text: ({ words }) => words.join() })
  // The same in a function that knows nothing of its chunks.
  const relay = <Chunk>(thunk: StreamThunk<Chunk>, text: (chunk: Chunk) => string) =>
    session.runTurnStream(thunk, { text })
  expectTypeOf(
    relay(
      ({ signal }) => deltas(signal),
      ({ words }) => words.join(),
    ),
  ).toEqualTypeOf(stream)
  // @ts-expect-error: nobody knows where the text is
  session.runTurnStream(({ signal }) => deltas(signal))
  // @ts-expect-error: nobody knows where the text is
  session.runTurnStream(({ signal }) => deltas(signal), { model: 'your-model' })
})
