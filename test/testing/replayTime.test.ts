import { describe, expect, it } from 'vitest'
import type { AgentRuntime, OrchestratorOptions } from '../../src/index.js'
import { createManualClock, recordRun, replayRun, type ManualClock, type RecordedRun } from '../../src/testing/index.js'
import { rejection } from '../support/runtime.js'

type Agent = (runtime: AgentRuntime, answer: <T>(value: T, ms?: number) => Promise<T>) => Promise<unknown>

/** Records an agent on a manual clock, whose calls take time. */
async function record(agent: Agent, passing: number, options: Parameters<typeof recordRun>[0] = {}) {
  const clock = createManualClock(1_000)
  const recording = recordRun({ clock, ...options })
  const running = agent(recording.runtime, answerIn(clock)).then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  )
  await clock.advance(passing)
  const end = await running
  return { end, run: JSON.parse(JSON.stringify(await recording.finish())) as RecordedRun }
}

async function replay(run: RecordedRun, agent: Agent, options: Parameters<typeof replayRun>[1] = {}) {
  const replaying = replayRun(run, options)
  const end = await agent(replaying.runtime, () => Promise.reject(new Error('called'))).then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  )
  const failure = await replaying.finish().then(
    () => null,
    (error: unknown) => error,
  )
  return { end, failure, replaying }
}

function answerIn(clock: ManualClock) {
  return <T>(value: T, ms = 0): Promise<T> =>
    new Promise((resolve, reject) => {
      const settle = (): void => (value instanceof Error ? reject(value) : resolve(value))
      clock.setTimeout(settle, ms)
    })
}

const worker = (runtime: AgentRuntime, options: Partial<OrchestratorOptions> = {}) =>
  runtime.orchestrator({ role: 'worker', phase: 'work', ...options })

const httpError = (status: number) => Object.assign(new Error(`HTTP ${status}`), { status })

describe('time in a replay', () => {
  it('passes as in the recording: who comes first does so again [KIT-26]', async () => {
    const race: Agent = async (runtime, answer) => {
      const ended: string[] = []
      const steps = { slow: 900, fast: 100, medium: 300 }
      await worker(runtime).session(async (session) => {
        const calls = Object.entries(steps).map(async ([name, ms]) => {
          await session.runTool(name, () => answer(name, ms))
          ended.push(`${name} ${session.now() - (runtime.select.session(session.id)?.openedAt ?? 0)}`)
        })
        await session.sleep(200)
        ended.push('slept')
        await Promise.all(calls)
      })
      return ended
    }
    const { end, run } = await record(race, 1_000)
    expect(end).toEqual({ value: ['fast 100', 'slept', 'medium 300', 'slow 900'] })
    expect(await replay(run, race)).toMatchObject({ end, failure: null })
  })

  it('breaks what broke: timeouts, retries, a circuit breaker that opens and closes [KIT-26]', async () => {
    const failing: Agent = async (runtime, answer) => {
      const outcomes: string[] = []
      const circuitBreaker = { name: 'api', failureThreshold: 2, recoveryTimeoutMs: 5_000 }
      const agent = worker(runtime, { circuitBreaker, turnTimeoutMs: 2_000 })
      await agent.session(async (session) => {
        const ask = (value: unknown, ms: number) => session.runTurn(() => answer(value, ms), { name: 'ask' })
        for (const [value, ms] of [
          ['late', 9_000],
          [httpError(503), 10],
          ['refused', 0],
        ] as const) {
          outcomes.push(
            await ask(value, ms).then(
              () => 'answered',
              (error: unknown) => (error as Error).name,
            ),
          )
        }
        await session.sleep(6_000)
        outcomes.push(String((await ask('again', 5)).value), runtime.select.breaker('api').state)
      })
      return outcomes
    }
    const { end, run } = await record(failing, 20_000)
    expect(end).toEqual({ value: ['TurnTimeoutError', 'Error', 'CircuitOpenError', 'again', 'closed'] })
    expect(run.calls.map(({ outcome }) => outcome.kind)).toEqual(['abandoned', 'threw', 'returned'])
    expect(await replay(run, failing)).toMatchObject({ end, failure: null })
  })

  it('carries recoveries out again, each attempt with its own answer [KIT-24]', async () => {
    const recovering: Agent = async (runtime, answer) => {
      const agent = worker(runtime, { recovery: { mode: 'execute', backoff: { jitter: 'full' } } })
      return agent.session(async (session) => {
        const limited = Object.assign(httpError(429), { headers: { 'retry-after': '3' } })
        const { value } = await session.runTurn(({ attempt }) =>
          answer(attempt === 1 ? limited : `attempt ${attempt}`, 50),
        )
        return value
      })
    }
    const { end, run } = await record(recovering, 60_000)
    expect(end).toEqual({ value: 'attempt 2' })
    expect(run.calls.map(({ attempt }) => attempt)).toEqual([1, 2])
    expect(await replay(run, recovering)).toMatchObject({ end, failure: null })
  })

  it('waits for calls that come after something that takes real time [KIT-26]', async () => {
    const racing: Agent = async (runtime, answer) => {
      const ended: string[] = []
      await worker(runtime).session(async (session) => {
        const run = async (name: string, ms: number) => {
          await session.runTool(name, () => answer(name, ms))
          ended.push(name)
        }
        const looking = async () => {
          // As reading a file does.
          for (let turn = 0; turn < 30; turn += 1) await new Promise((resolve) => setImmediate(resolve))
          await run('quick', 10)
        }
        await Promise.all([run('slow', 900), looking()])
      })
      return ended
    }
    const clock = createManualClock(1_000)
    const recording = recordRun({ clock })
    const running = racing(recording.runtime, answerIn(clock))
    for (let turn = 0; turn < 40; turn += 1) await clock.advance(0)
    await clock.advance(1_000)
    expect(await running).toEqual(['quick', 'slow'])
    expect(await replay(await recording.finish(), racing)).toMatchObject({
      end: { value: ['quick', 'slow'] },
      failure: null,
    })
  })

  it('tells when a call is waited for that had been given up [KIT-27]', async () => {
    const impatient =
      (turnTimeoutMs: number): Agent =>
      (runtime, answer) =>
        worker(runtime).session((session) => session.runTurn(() => answer('late', 9_000), { timeoutMs: turnTimeoutMs }))
    const { run } = await record(impatient(2_000), 10_000)
    const { failure } = await replay(run, impatient(4_000))
    expect(failure).toMatchObject({
      path: 'payload.timeoutMs',
      expected: 2_000,
      actual: 4_000,
    })
  })

  it('waits for the people who answered [KIT-28]', async () => {
    const asking: Agent = async (runtime, answer) =>
      worker(runtime).session(async (session) => {
        const asked = session.pauseForInput('May I?', { timeoutMs: 60_000 })
        const looked = session.step('look', () => answer('seen', 500))
        const person = async () => {
          // A person is slower than the event loop.
          for (let turn = 0; turn < 30; turn += 1) await new Promise((resolve) => setImmediate(resolve))
          runtime.provideInput(session.id, 'yes')
        }
        return Promise.all([asked, looked, person()])
      })
    const { end, run } = await record(asking, 1_000)
    expect(end).toEqual({ value: ['yes', 'seen', undefined] })
    expect(await replay(run, asking)).toMatchObject({ end, failure: null })
  })
})

describe('what a replay gives', () => {
  it('is streams, chunk by chunk, as far as they were read [KIT-29]', async () => {
    const streaming: Agent = async (runtime, answer) => {
      const heard: string[] = []
      async function* chunks(): AsyncGenerator<string> {
        for (const chunk of ['one ', 'two ', 'three ']) yield await answer(chunk, 100)
        throw httpError(500)
      }
      await worker(runtime).session(async (session) => {
        const read = async (name: string, most: number) => {
          for await (const event of session.runTurnStream(() => chunks(), { name })) {
            heard.push(event.type === 'text_delta' ? event.delta : event.type)
            if (heard.length >= most) break
          }
        }
        await read('left', 2)
        heard.push(await rejection(read('failed', 99)).then((error) => (error as Error).message))
      })
      return heard
    }
    const { end, run } = await record(streaming, 5_000)
    expect(end).toEqual({ value: ['one ', 'two ', 'one ', 'two ', 'three ', 'error', 'final', 'HTTP 500'] })
    expect(run.calls).toMatchObject([
      { outcome: { kind: 'streamed', end: 'left', chunks: [{ atMs: 100, chunk: 'one ' }, { atMs: 200 }] } },
      { outcome: { kind: 'streamed', end: { message: 'HTTP 500', fields: { status: 500 } } } },
    ])
    expect(await replay(run, streaming)).toMatchObject({ end, failure: null })
  })

  it('diverges where a stream is left earlier [KIT-29]', async () => {
    const leaving =
      (most: number): Agent =>
      (runtime, answer) =>
        worker(runtime).session(async (session) => {
          const heard: string[] = []
          async function* chunks(): AsyncGenerator<string> {
            for (const chunk of ['one', 'two', 'three']) yield await answer(chunk, 100)
          }
          for await (const event of session.runTurnStream(chunks, { name: 'count' })) {
            heard.push(event.type)
            if (heard.length === most) break
          }
        })
    const { run } = await record(leaving(2), 1_000)
    expect(await replay(run, leaving(2))).toMatchObject({ failure: null })
    expect(await replay(run, leaving(1))).toMatchObject({
      failure: { code: 'fixture_diverged', path: 'outcome.chunks.length', expected: 2, actual: 1 },
    })
  })

  it('holds the part of an input against the recording that is JSON [KIT-25]', async () => {
    const reading =
      (topic: string): Agent =>
      (runtime, answer) =>
        worker(runtime).session((session) => {
          const args: Record<string, unknown> = { topic, log: () => undefined, tags: [topic, new Map()] }
          args['self'] = args
          return session.runTool('read', () => answer('text'), { args })
        })
    const { run } = await record(reading('tides'), 10)
    expect(run.calls).toMatchObject([{ input: { topic: 'tides', tags: ['tides', null] } }])
    expect(await replay(run, reading('tides'))).toMatchObject({ failure: null })
    expect(await replay(run, reading('waves'))).toMatchObject({
      failure: { path: 'input.topic', expected: 'tides', actual: 'waves' },
    })
  })

  it('is what the agent got when it was recorded: JSON, redacted, and errors like those that were thrown [KIT-30]', async () => {
    class SdkError extends Error {
      readonly status = 400
      readonly secret = 'key-17'
    }
    const getting: Agent = async (runtime) =>
      worker(runtime).session(async (session) => {
        const value = await session.runTool('read', () => ({ key: 'key-17', nothing: undefined }))
        const error = await rejection(
          session.runTool('write', () => {
            throw new SdkError('wrong key-17', { cause: new TypeError('inside') })
          }),
        )
        const { name, message, cause, ...fields } = error as SdkError
        return { value, name, message, fields, isMistake: cause instanceof TypeError, isSdk: error instanceof SdkError }
      })
    const redact = (value: unknown) => JSON.parse(JSON.stringify(value).replaceAll('key-17', '***')) as never
    const { end, run } = await record(getting, 10, { redact })
    expect(end).toEqual({
      value: {
        value: { key: '***' },
        name: 'SdkError',
        message: 'wrong ***',
        fields: { status: 400, secret: '***' },
        isMistake: true,
        isSdk: false,
      },
    })
    expect(JSON.stringify(run)).not.toContain('key-17')
    expect(await replay(run, getting, { redact })).toMatchObject({ end, failure: null })
  })

  it('is the usage that a function reported, and the random numbers of the seed [KIT-30]', async () => {
    const reporting: Agent = async (runtime) => {
      runtime.registerPricing('m', { inputPerMillion: 3, outputPerMillion: 15 })
      return worker(runtime, { model: 'm' }).session(async (session) => {
        const { usage } = await session.runTurn(async ({ reportUsage }) => {
          reportUsage({ inputTokens: 7 })
          return 'text'
        })
        return { tokens: usage.inputTokens, random: session.random() }
      })
    }
    const { end, run } = await record(reporting, 10)
    expect(await replay(run, reporting)).toMatchObject({ end, failure: null })
  })

  it('is nothing, when something that was answered is not JSON: there is no recording [KIT-32]', async () => {
    const recording = recordRun()
    const agent = worker(recording.runtime)
    await rejection(agent.session((session) => session.runTool('read', () => ({ at: new Date(0) }))))
    expect(await rejection(recording.finish())).toMatchObject({
      code: 'fixture_not_recordable',
      message: "what tool 'read' returned cannot be recorded: at is not JSON. Return what is needed of it as JSON",
    })
  })
})

describe('sessions of a replay', () => {
  it('are known by thread and role, and those that are alike by what they ask [KIT-33]', async () => {
    const fanOut =
      (topics: readonly string[]): Agent =>
      async (runtime, answer) => {
        const agent = worker(runtime)
        return Promise.all(
          topics.map((topic) =>
            agent.session(async (session) => {
              await session.runTools([
                { name: 'read', args: { topic, part: 1 }, run: () => answer(`${topic} 1`, 20) },
                { name: 'read', args: { topic, part: 2 }, run: () => answer(`${topic} 2`, 10) },
              ])
              return (await session.runTurn(() => answer(topic, 5), { input: topic })).value
            }),
          ),
        )
      }
    const { end, run } = await record(fanOut(['a', 'b', 'c']), 100)
    expect(end).toEqual({ value: ['a', 'b', 'c'] })
    expect(await replay(run, fanOut(['a', 'b', 'c']))).toMatchObject({ end, failure: null })
    const { failure } = await replay(run, fanOut(['a', 'b', 'd']))
    expect(failure).toMatchObject({ code: 'fixture_diverged', path: 'input.topic', expected: 'c', actual: 'd' })
  })

  it('are told apart by what they ask first, whoever asks first [KIT-33]', async () => {
    const pair: Agent = async (runtime, answer) => {
      const agent = worker(runtime)
      const session = (waitMs: number, ...tools: readonly string[]) =>
        agent.session(async (session) => {
          if (waitMs > 0) await session.sleep(waitMs)
          for (const tool of tools) await session.runTool(tool, () => answer(tool, 5))
          return tools.length
        })
      return Promise.all([session(40, 'search', 'save'), session(0, 'save')])
    }
    const { end, run } = await record(pair, 100)
    expect(await replay(run, pair)).toMatchObject({ end, failure: null })
  })

  it('may be opened and ended by hand [KIT-33]', async () => {
    const byHand: Agent = async (runtime, answer) => {
      await using session = await worker(runtime).open()
      const value = await session.step('look', () => answer('seen', 5))
      await session.complete()
      return value
    }
    const { end, run } = await record(byHand, 10)
    expect(await replay(run, byHand)).toMatchObject({ end: { value: 'seen' }, failure: null })
    const { failure } = await replay(run, async (runtime) => void worker(runtime))
    expect(failure).toMatchObject({ message: expect.stringContaining("first step 'look'") as string })
    expect(end).toEqual({ value: 'seen' })
  })

  it('are parked when they still run at the end, and their calls hang as they did [KIT-33]', async () => {
    const leaving = async (runtime: AgentRuntime, answer: () => Promise<unknown>) => {
      const left = worker(runtime).session((session) => session.step('hang', answer))
      void left.catch(() => undefined)
      await new Promise((resolve) => setImmediate(resolve))
    }
    const recording = recordRun()
    await leaving(recording.runtime, () => new Promise(() => undefined))
    const run = await recording.finish()
    expect(run.calls).toMatchObject([{ name: 'hang', outcome: { kind: 'unfinished' } }])
    const replaying = replayRun(run)
    await leaving(replaying.runtime, () => Promise.reject(new Error('called')))
    await replaying.finish()
  })
})
