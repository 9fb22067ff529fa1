import { describe, expect, it } from 'vitest'
import { classifyFailure, InvalidArgumentError, SessionCancelledError, TurnTimeoutError } from '../../src/index.js'
import {
  createTestRuntime,
  modelFailure,
  scriptedModel,
  ScriptEndedError,
  ScriptNotDoneError,
  settle,
  type ModelFailureKind,
  type TestRuntimeOptions,
} from '../../src/testing/index.js'
import { rejection } from '../support/runtime.js'

async function openSession(options: TestRuntimeOptions = {}) {
  const test = createTestRuntime(options)
  return { ...test, session: await test.orchestrator.open() }
}

describe('a scripted model', () => {
  it('answers with the next step each time, and reports what that used [KIT-5]', async () => {
    const { session } = await openSession()
    const model = scriptedModel([{ answer: 'one', usage: { inputTokens: 10, outputTokens: 2 } }, { answer: 'two' }])
    expect(await session.runTurn(model.turn())).toMatchObject({
      value: 'one',
      usage: { inputTokens: 10, outputTokens: 2 },
    })
    expect(await session.runTurn(model.turn())).toMatchObject({ value: 'two', usage: { outputTokens: 0 } })
    expect(session.summary().turns.unmetered).toBe(1)
    model.assertDone()
  })

  it('finds its step by what it is asked [KIT-5]', async () => {
    const { session } = await openSession()
    const model = scriptedModel([({ prompt, attempt }) => ({ answer: `${String(prompt)}, attempt ${attempt}` })])
    expect((await session.runTurn(model.turn('a haiku'))).value).toBe('a haiku, attempt 1')
  })

  it('fails with the error of its step, and what was used until then counts [KIT-5]', async () => {
    const { session } = await openSession()
    const error = new Error('no')
    const model = scriptedModel([{ fail: error, usage: { inputTokens: 7 } }])
    expect(await rejection(session.runTurn(model.turn()))).toBe(error)
    expect(session.summary().usage.inputTokens).toBe(7)
  })

  it('throws what a step throws [KIT-5]', async () => {
    const { session } = await openSession()
    const model = scriptedModel([
      () => {
        throw 'a text'
      },
    ])
    expect(await rejection(session.runTurn(model.turn()))).toBe('a text')
  })

  it('is asked as an SDK is, by code that brings its own function [KIT-5]', async () => {
    const { session } = await openSession()
    const model = scriptedModel([{ answer: { text: 'a haiku', tokens: 5 } }])
    const { usage } = await session.runTurn(({ signal }) => model.ask('Write a haiku.', { signal }), {
      usage: ({ tokens }) => ({ outputTokens: tokens }),
    })
    expect(usage.outputTokens).toBe(5)
    expect(model.calls).toMatchObject([{ prompt: 'Write a haiku.', turnId: null }])
  })

  it('keeps what it was asked, in order [KIT-10]', async () => {
    const { session } = await openSession()
    const model = scriptedModel([{ answer: 'one' }, { answer: 'two' }])
    await session.runTurn(model.turn('Write.'))
    await session.runTurn(model.turn(), { input: { topic: 'rain' }, model: 'large' })
    const about = { script: null, streamed: false, sessionId: 'session-1', provider: null, attempt: 1 }
    expect(model.calls).toEqual([
      { ...about, prompt: 'Write.', turnId: 'turn-1', model: 'test-model', contextScale: 1, toolScale: 1 },
      { ...about, prompt: { topic: 'rain' }, turnId: 'turn-2', model: 'large', contextScale: 1, toolScale: 1 },
    ])
  })
})

describe('a step that takes time', () => {
  it('answers when the clock has come so far [KIT-7]', async () => {
    const { session, clock } = await openSession()
    const model = scriptedModel([{ answer: 'slowly', afterMs: 500 }], { clock })
    let answered = false
    const turn = session.runTurn(model.turn()).then(() => (answered = true))
    await clock.advance(499)
    expect(answered).toBe(false)
    await clock.advance(1)
    await turn
    expect(answered).toBe(true)
  })

  it('ends when its turn times out, and leaves no timer [KIT-7]', async () => {
    const { session, clock } = await openSession()
    const model = scriptedModel([{ answer: 'too late', afterMs: 5_000, usage: { outputTokens: 9 } }], { clock })
    const turn = rejection(session.runTurn(model.turn(), { timeoutMs: 1_000 }))
    await clock.advance(1_000)
    expect(await turn).toBeInstanceOf(TurnTimeoutError)
    expect(clock.pendingTimers).toBe(0)
    expect(session.summary().usage.outputTokens).toBe(0)
  })

  it('ends when the signal that it was asked with is aborted, with its reason [KIT-7]', async () => {
    const { session, clock } = await openSession()
    const model = scriptedModel([{ answer: 'never', afterMs: Infinity }, { answer: 'not any more' }], { clock })
    const { signal } = session
    const asked = rejection(model.ask('Write.', { signal }))
    await session.cancel()
    await settle()
    expect(await asked).toBeInstanceOf(SessionCancelledError)
    expect(await rejection(model.ask('Write.', { signal }))).toBeInstanceOf(SessionCancelledError)
    expect(clock.pendingTimers).toBe(0)
  })

  it('needs a clock [KIT-7]', async () => {
    expect(() => scriptedModel([{ answer: 'slowly', afterMs: 1 }])).toThrow(/^clock must be the clock of the runtime/)
    expect(() => scriptedModel([{ chunks: ['a'], everyMs: 1 }])).toThrow(InvalidArgumentError)
    const model = scriptedModel([() => ({ answer: 'slowly', afterMs: 1 })])
    expect(await rejection(model.ask())).toBeInstanceOf(InvalidArgumentError)
  })
})

describe('a failure by name', () => {
  it.each<[ModelFailureKind, ReturnType<typeof classifyFailure>]>([
    ['rate_limit', { scenario: 'llm_error', failureClass: 'rate_limit' }],
    ['overloaded', { scenario: 'provider_failure', failureClass: 'dependency_failed' }],
    ['server_error', { scenario: 'provider_failure', failureClass: 'dependency_failed' }],
    ['context_length', { scenario: 'context_overflow', failureClass: 'context_overflow' }],
    ['timeout', { scenario: 'llm_timeout', failureClass: 'llm_timeout' }],
    ['connection', { scenario: 'provider_failure', failureClass: 'dependency_failed' }],
    ['unauthorized', { scenario: 'provider_failure', failureClass: 'dependency_failed' }],
    ['content_filter', { scenario: 'llm_error', failureClass: 'prompt_rejection' }],
  ])('is taken for what SDKs throw: %s [KIT-6]', (kind, failure) => {
    expect(classifyFailure(modelFailure(kind))).toEqual(failure)
  })

  it('says how long to wait, and a recovery waits so long [KIT-6]', async () => {
    const { session, clock } = await openSession({ recovery: { mode: 'execute' } })
    const model = scriptedModel([{ fail: 'rate_limit', retryAfterMs: 2_500 }, { answer: 'a haiku' }])
    const turn = session.runTurn(model.turn())
    await clock.advance(2_499)
    expect(model.calls).toHaveLength(1)
    await clock.advance(1)
    expect((await turn).value).toBe('a haiku')
    expect(model.calls.map(({ attempt }) => attempt)).toEqual([1, 2])
  })

  it('is one of those that are known [KIT-6]', () => {
    expect(() => modelFailure('bad_hair_day' as never)).toThrow(/^kind must be one of rate_limit, overloaded/)
    expect(() => modelFailure('rate_limit', { retryAfterMs: -1 })).toThrow(/^retryAfterMs must be a number from 0/)
  })
})

describe('the end of a script', () => {
  it('fails the call that comes after it, and says what was asked [KIT-11]', async () => {
    const { session } = await openSession()
    const model = scriptedModel([{ answer: 'one' }])
    await session.runTurn(model.turn('secret plans'))
    const error = await rejection(session.runTurn(model.turn(), { model: 'large' }))
    expect(error).toBeInstanceOf(ScriptEndedError)
    expect(String(error)).toBe(
      'ScriptEndedError: the script has no step for call 2. Its model was asked:\n' +
        '  1. turn-1 of session-1, model test-model\n' +
        '  2. turn-2 of session-1, model large',
    )
    expect(() => model.assertDone()).toThrow(ScriptEndedError)
  })

  it('names the script, and no turn for what was asked outside of one [KIT-11]', async () => {
    const models = scriptedModel({ writer: [{ answer: 'one' }], editor: [] })
    await models.as('writer').ask('secret plans')
    expect(String(await rejection(models.as('writer').ask('more')))).toBe(
      "ScriptEndedError: script 'writer' has no step for call 2. Its model was asked:\n" +
        '  1. script writer\n  2. script writer',
    )
    expect(String(await rejection(scriptedModel([]).ask('more')))).toBe(
      'ScriptEndedError: the script has no step for call 1. Its model was asked:\n  1. ask',
    )
  })

  it('is nothing that a recovery would try again [KIT-11]', async () => {
    const { session, clock } = await openSession({ recovery: { mode: 'execute' } })
    const model = scriptedModel([])
    expect(await rejection(session.runTurn(model.turn()))).toBeInstanceOf(ScriptEndedError)
    expect([model.calls.length, clock.pendingTimers]).toEqual([1, 0])
  })

  it('must have come when the test is over [KIT-11]', async () => {
    const { session } = await openSession()
    const model = scriptedModel([
      { answer: 'one' },
      { fail: 'timeout' },
      { chunks: ['a', 'b'] },
      () => ({ answer: 'x' }),
    ])
    expect(() => model.assertDone()).toThrow(/Its model was never asked\.$/)
    await session.runTurn(model.turn())
    const error = await rejection(Promise.resolve().then(() => model.assertDone()))
    expect(error).toBeInstanceOf(ScriptNotDoneError)
    expect(String(error)).toBe(
      'ScriptNotDoneError: the script has steps left: a failure (timeout), a stream of 2, a function. Its model was asked:\n' +
        '  1. turn-1 of session-1, model test-model',
    )
  })
})

describe('several scripts', () => {
  it('answer by name, however their agents overlap [KIT-9]', async () => {
    const { runtime, clock } = createTestRuntime()
    const models = scriptedModel(
      {
        writer: [{ answer: 'draft 1', afterMs: 30 }, { answer: 'draft 2' }],
        editor: [
          { answer: 'edit 1', afterMs: 10 },
          { answer: 'edit 2', afterMs: 5 },
        ],
      },
      { clock },
    )
    const run = (role: 'writer' | 'editor') =>
      runtime.orchestrator({ role, phase: 'work' }).session(async (session) => {
        const first = await session.runTurn(models.as(role).turn())
        const second = await session.runTurn(models.as(role).turn())
        return [first.value, second.value]
      })
    const both = Promise.all([run('writer'), run('editor')])
    await clock.advance(100)
    expect(await both).toEqual([
      ['draft 1', 'draft 2'],
      ['edit 1', 'edit 2'],
    ])
    expect(models.calls.map(({ script }) => script)).toEqual(['writer', 'editor', 'editor', 'writer'])
    expect(models.as('editor').calls).toHaveLength(2)
    models.assertDone()
  })

  it('are chosen by the model of the turn [KIT-9]', async () => {
    const { session } = await openSession()
    const models = scriptedModel({ small: [{ answer: 'short' }], large: [{ answer: 'long' }] })
    expect((await session.runTurn(models.turn(), { model: 'large' })).value).toBe('long')
    expect((await session.runTurn(models.turn(), { model: 'small' })).value).toBe('short')
  })

  it('are chosen by what the test says about a turn [KIT-9]', async () => {
    const { runtime, session } = await openSession({ role: 'writer' })
    const by = ({ sessionId }: { readonly sessionId: string }) => runtime.select.session(sessionId)?.role ?? ''
    const models = scriptedModel({ writer: [{ answer: 'a draft' }] }, { by })
    expect((await session.runTurn(models.turn())).value).toBe('a draft')
  })

  it('have names, and no other is known [KIT-9]', async () => {
    const { session } = await openSession()
    const models = scriptedModel({ small: [{ answer: 'short' }], large: [] })
    expect(await rejection(session.runTurn(models.turn()))).toMatchObject({ field: 'script', value: 'test-model' })
    expect(await rejection(models.ask())).toMatchObject({ message: expect.stringContaining('small, large') as string })
    expect(() => models.as('medium' as never)).toThrow(InvalidArgumentError)
  })

  it('end each for itself, and must all have ended [KIT-11]', async () => {
    const models = scriptedModel({ small: [{ answer: 'short' }], large: [{ answer: 'long' }] })
    await models.as('small').ask()
    models.as('small').assertDone()
    expect(() => models.assertDone()).toThrow("script 'large' has steps left: an answer")
    await models.as('large').ask()
    expect(await rejection(models.as('small').ask())).toMatchObject({
      message: expect.stringContaining("script 'small' has no step for call 2") as string,
    })
    models.as('large').assertDone()
  })
})

it.each([
  ['steps', 'a text'],
  ['steps[1]', [{ answer: 1 }, { text: 'x' }]],
  ['scripts.writer', { writer: 5 }],
  ['scripts.writer[0]', { writer: [null] }],
  ['steps[0].delayMs', [{ answer: 1, delayMs: 5 }]],
  ['steps[0].afterMs', [{ answer: 1, afterMs: NaN }]],
  ['steps[0].everyMs', [{ chunks: ['a'], everyMs: -1 }]],
  ['steps[0].fail', [{ fail: 'rate_limits' }]],
])('what is no script is refused: %s [KIT-5]', (field, script) => {
  expect(() => scriptedModel(script as never)).toThrow(expect.objectContaining({ code: 'invalid_argument', field }))
})
