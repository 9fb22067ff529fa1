import { APIError } from 'openai'
import { describe, expect, it } from 'vitest'
import { retryAfterMs } from '../sagas/retryAfter.js'
import { facts } from '../src/index.js'
import { createTestRuntime, rejection } from './support/runtime.js'
import { httpError, payloadsOf, scripted } from './support/scripted.js'

/** Sun, 06 Nov 1994 08:49:07 GMT: half a minute before the dates of the examples in RFC 9110. */
const NOW = Date.UTC(1994, 10, 6, 8, 49, 7)

const asked = (error: unknown) => retryAfterMs(error, NOW)
const withHeaders = (headers: unknown) => Object.assign(new Error('slow down'), { headers })

describe('how long the other side asks to wait', () => {
  it.each([
    ['seconds', { 'retry-after': '7' }, 7_000],
    ['seconds as a number', { 'retry-after': 7 }, 7_000],
    ['parts of seconds', { 'retry-after': '0.25' }, 250],
    ['milliseconds', { 'retry-after-ms': '1250' }, 1_250],
    ['milliseconds rather than seconds', { 'retry-after': '9', 'retry-after-ms': '1250' }, 1_250],
    ['a date', { 'retry-after': 'Sun, 06 Nov 1994 08:49:37 GMT' }, 30_000],
    ['a date of RFC 850', { 'retry-after': 'Sunday, 06-Nov-94 08:49:37 GMT' }, 30_000],
    ['a date of asctime, which means GMT', { 'retry-after': 'Sun Nov  6 08:49:37 1994' }, 30_000],
    ['a date that has passed', { 'retry-after': 'Sun, 06 Nov 1994 08:00:00 GMT' }, 0],
    ['a name in any case', { 'Retry-After': '7' }, 7_000],
    ['the first of several values', { 'retry-after': ['7', '8'] }, 7_000],
    ['a Headers object', new Headers({ 'Retry-After': '7' }), 7_000],
    ['milliseconds in a Headers object', new Headers({ 'Retry-After-Ms': '70' }), 70],
  ])('is read from %s [RETRY-6]', (_what, headers, expected) => {
    expect(asked(withHeaders(headers))).toBe(expected)
  })

  it.each([
    ['nothing', {}],
    ['no number', { 'retry-after': 'soon' }],
    ['no date', { 'retry-after': 'Sunday, maybe' }],
    ['a blank', { 'retry-after': ' ' }],
    ['a negative number', { 'retry-after': '-5' }],
    ['a number that is none', { 'retry-after-ms': 'NaN' }],
    ['no headers', 'retry-after: 7'],
  ])('is not known from %s [RETRY-6]', (_what, headers) => {
    expect(asked(withHeaders(headers))).toBeUndefined()
  })

  it.each([
    ['the OpenAI SDK', new APIError(429, undefined, 'slow down', new Headers({ 'retry-after': '3' }))],
    ['the AI SDK', Object.assign(new Error(), { statusCode: 429, responseHeaders: { 'retry-after': '3' } })],
    ['axios and got', Object.assign(new Error(), { response: { status: 429, headers: { 'retry-after': '3' } } })],
    ['fetch', Object.assign(new Error(), { response: new Response('', { headers: { 'retry-after': '3' } }) })],
    ['AWS', Object.assign(new Error(), { $response: { statusCode: 429, headers: { 'retry-after': '3' } } })],
    ['a cause', new Error('turn failed', { cause: new Error('call', { cause: withHeaders({ 'retry-after': '3' }) }) })],
    ['the last of several tries', Object.assign(new Error(), { lastError: withHeaders({ 'retry-after': '3' }) })],
  ])('is found where it is put by %s [RETRY-6]', (_who, error) => {
    expect(asked(error)).toBe(3_000)
  })

  it('ends the search at a cycle of causes [RETRY-6]', () => {
    const error = new Error('round and round')
    error.cause = error
    expect(asked(error)).toBeUndefined()
  })

  it.each<[string, unknown]>([
    ['undefined', undefined],
    ['text', 'retry-after: 3'],
    ['a revoked proxy', revoked()],
    ['headers that throw', withHeaders(new Proxy({}, { ownKeys: fail, get: fail }))],
    ['a getter that throws', Object.defineProperty(new Error(), 'headers', { get: fail })],
  ])('is not known from %s, which does no harm [RETRY-6]', (_what, error) => {
    expect(asked(error)).toBeUndefined()
  })
})

describe('a recovery of a turn', () => {
  const execute = { recovery: { mode: 'execute' } } as const

  it('waits as long as the error asks for, and not as the backoff says [RETRY-5]', async () => {
    const { orchestrator, runtime, clock } = createTestRuntime(execute)
    const session = await orchestrator.open()
    const thunk = scripted(httpError(429, { 'Retry-After': '7' }), 'done')
    const turn = session.runTurn(thunk)
    await clock.advance(6_999)
    expect(thunk).toHaveBeenCalledTimes(1)
    await clock.advance(1)
    expect((await turn).value).toBe('done')
    expect(payloadsOf(runtime.log, facts.turnRetried)).toMatchObject([{ waitedMs: 7_000 }])
  })

  it('waits until the date that the error names [RETRY-5]', async () => {
    const { orchestrator, clock } = createTestRuntime(execute)
    const session = await orchestrator.open()
    const at = new Date(clock.now() + 45_000).toUTCString()
    const thunk = scripted(httpError(429, new Headers({ 'Retry-After': at })), 'done')
    const turn = session.runTurn(thunk)
    await clock.advance(44_999)
    expect(thunk).toHaveBeenCalledTimes(1)
    await clock.advance(1)
    expect((await turn).value).toBe('done')
  })

  it('fails at once when it is asked to wait for too long [RETRY-5]', async () => {
    const { orchestrator, runtime, clock, sessionFacts } = createTestRuntime({
      recovery: { mode: 'execute', maxRetryAfterMs: 10_000 },
    })
    const session = await orchestrator.open()
    const error = httpError(429, { 'retry-after': '11' })
    expect(await rejection(session.runTurn(scripted(error)))).toBe(error)
    expect(sessionFacts().slice(2)).toEqual(['turns/attemptFailed', 'recovery/attempted', 'turns/failed'])
    expect(payloadsOf(runtime.log, facts.recoveryAttempted)).toMatchObject([
      { outcome: 'partial_recovery', recoveredSteps: [], remainingSteps: ['retry_with_backoff'] },
    ])
    expect(clock.pendingTimers).toBe(0)
  })

  it('may be asked to wait for two minutes, unless it is told otherwise [RETRY-5]', async () => {
    const { orchestrator, clock } = createTestRuntime(execute)
    const session = await orchestrator.open()
    const patient = session.runTurn(scripted(httpError(429, { 'retry-after': '120' }), 'done'))
    await clock.advance(120_000)
    expect((await patient).value).toBe('done')
    const tooLong = httpError(429, { 'retry-after': '120.001' })
    expect(await rejection(session.runTurn(scripted(tooLong)))).toBe(tooLong)
  })
})

function fail(): never {
  throw new Error('hostile')
}

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  return proxy
}
