import { describe, expect, it } from 'vitest'
import { InvalidArgumentError } from '../../src/index.js'
import { createTestRuntime, scriptedModel } from '../../src/testing/index.js'
import { rejection } from '../support/runtime.js'
import { readAll, readSome, textDelta } from '../support/streams.js'

async function openSession() {
  const test = createTestRuntime()
  return { ...test, session: await test.orchestrator.open() }
}

describe('a scripted model that streams', () => {
  it('tells its chunks, and what the call used [KIT-8]', async () => {
    const { session } = await openSession()
    const model = scriptedModel([{ chunks: ['a ', 'haiku'], usage: { outputTokens: 4 } }])
    const { events } = await readAll(session.runTurnStream(model.stream('Write.')))
    expect(events).toMatchObject([
      textDelta('a '),
      textDelta('haiku'),
      { type: 'final', status: 'completed', text: 'a haiku', usage: { outputTokens: 4 } },
    ])
    expect(model.calls).toMatchObject([{ prompt: 'Write.', streamed: true, turnId: 'turn-1' }])
    model.assertDone()
  })

  it('streams chunks as an SDK has them [KIT-8]', async () => {
    const { session } = await openSession()
    const model = scriptedModel([{ chunks: [{ delta: 'a ' }, { delta: 'haiku' }] }])
    const stream = session.runTurnStream(model.stream(), { text: ({ delta }) => delta })
    expect((await readAll(stream)).events.at(-1)).toMatchObject({ text: 'a haiku' })
  })

  it('takes its time before the first chunk and between two [KIT-8]', async () => {
    const { session, clock } = await openSession()
    const model = scriptedModel([{ chunks: ['a ', 'haiku'], afterMs: 100, everyMs: 50 }], { clock })
    const at: number[] = []
    const read = (async () => {
      for await (const { type } of session.runTurnStream(model.stream()))
        if (type === 'text_delta') at.push(clock.now())
    })()
    await clock.advance(1_000)
    await read
    expect(at).toEqual([100, 150])
  })

  it('fails after its chunks, or before the first [KIT-8]', async () => {
    const { session } = await openSession()
    const error = new Error('gone')
    const model = scriptedModel([{ chunks: ['a '], fail: 'connection' }, { fail: error }])
    const late = await readAll(session.runTurnStream(model.stream()))
    expect(late.events.map(({ type }) => type)).toEqual(['text_delta', 'error', 'final'])
    expect(late.error).toMatchObject({ code: 'ECONNRESET' })
    expect(await readAll(session.runTurnStream(model.stream()))).toMatchObject({ error })
  })

  it('has used what it says when somebody leaves it [KIT-8]', async () => {
    const { session, clock } = await openSession()
    const usage = { inputTokens: 100 }
    const model = scriptedModel([{ chunks: ['a ', 'haiku'], everyMs: 50, usage }], { clock })
    await readSome(session.runTurnStream(model.stream()), 1)
    expect(session.summary().usage.inputTokens).toBe(100)
    expect(clock.pendingTimers).toBe(0)
  })

  it('is read by code that brings its own function [KIT-8]', async () => {
    const { session } = await openSession()
    const models = scriptedModel({ writer: [{ chunks: ['a ', 'haiku'] }] })
    const stream = session.runTurnStream(({ signal }) => models.as('writer').askStream('Write.', { signal }))
    expect((await readAll(stream)).events.at(-1)).toMatchObject({ text: 'a haiku' })
    expect(models.calls).toMatchObject([{ script: 'writer', prompt: 'Write.', streamed: true }])
  })

  it('does not stream an answer, and answers with no stream [KIT-8]', async () => {
    const { session } = await openSession()
    const model = scriptedModel([{ answer: 'a haiku' }, { chunks: ['a haiku'] }])
    const { error } = await readAll(session.runTurnStream(model.stream()))
    expect(error).toBeInstanceOf(InvalidArgumentError)
    expect(String(error)).toContain('the next step of the script is an answer: runTurn or ask asks for answers')
    expect(String(await rejection(session.runTurn(model.turn())))).toContain('is a stream of 1: runTurnStream')
  })
})
