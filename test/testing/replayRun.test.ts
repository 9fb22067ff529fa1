import { describe, expect, it, vi } from 'vitest'
import type { AgentRuntime } from '../../src/index.js'
import { recordRun, replayRun } from '../../src/testing/index.js'
import { rejection } from '../support/runtime.js'
import { createModel, writeEssay, type EssaySettings } from './agents.js'

type Agent<T> = (runtime: AgentRuntime) => Promise<T>

/** As if it had been kept in a file. */
async function recorded<T>(agent: Agent<T>, options?: Parameters<typeof recordRun>[0]) {
  const recording = recordRun(options)
  const value = await agent(recording.runtime)
  const run = JSON.parse(JSON.stringify(await recording.finish())) as Awaited<ReturnType<typeof recording.finish>>
  return { run, value }
}

async function replayed<T>(
  run: Parameters<typeof replayRun>[0],
  agent: Agent<T>,
  options?: Parameters<typeof replayRun>[1],
) {
  const replay = replayRun(run, options)
  const value = await agent(replay.runtime)
  await replay.finish()
  return { value, replay }
}

const essay =
  (settings?: EssaySettings, model = createModel()) =>
  (runtime: AgentRuntime) =>
    writeEssay(runtime, model, settings)

describe('a run that is replayed', () => {
  it.each([true, false])('is the same, and nothing is called, with threads: %s [KIT-24]', async (threads) => {
    const { run, value } = await recorded(essay({ threads }))
    const model = createModel(() => 'another answer')
    const { value: again } = await replayed(run, essay({ threads }, model))
    expect(value).toBe('About edit tides')
    expect(again).toBe(value)
    expect(model.calls).toEqual([])
    expect(run.calls.map(({ name, session }) => `${session} ${name}`)).toEqual([
      'session-1 search',
      'session-1 draft',
      'session-2 edit',
    ])
  })

  it.each<[string, EssaySettings, object]>([
    ['another input', { topic: 'waves' }, { seq: 5, path: 'input.topic', expected: 'tides', actual: 'waves' }],
    ['a call too few', { order: ['draft'] }, { path: 'kind', expected: 'tool', actual: 'turn' }],
    ['a call too many', { order: ['search', 'draft', 'draft'] }, { seq: null, path: 'kind', actual: 'turn' }],
    ['another order', { order: ['draft', 'search'] }, { seq: 5, path: 'kind', expected: 'tool', actual: 'turn' }],
    ['another budget', { budgetUsd: 0.00001 }, { path: 'payload.config.budgetUsd', expected: 5, actual: 0.00001 }],
  ])('fails at its first divergence: %s [KIT-25]', async (_name, settings, divergence) => {
    const { run } = await recorded(essay())
    const replay = replayRun(run)
    await rejection(essay(settings)(replay.runtime).finally(() => replay.finish()))
    expect(await rejection(replay.finish())).toMatchObject({ code: 'fixture_diverged', ...divergence })
  })
})

describe('a run that nobody finishes', () => {
  /** What is said on the console, and what is thrown. */
  async function left(open: () => ReturnType<typeof replayRun>, agent: Agent<unknown>) {
    const warn = vi.spyOn(console, 'warn').mockReturnValue()
    const use = async () => {
      await using fixture = open()
      await agent(fixture.runtime)
    }
    const error: unknown = await use().catch((thrown: unknown) => thrown)
    const said = warn.mock.calls.flat() as string[]
    warn.mockRestore()
    return { said, error }
  }
  const careless: Agent<unknown> = (runtime) =>
    runtime.orchestrator({ role: 'writer', phase: 'essay' }).session(async (session) => {
      await session.step('new', () => 1).catch(() => undefined)
    })

  it('says that it is not kept, or not held against its recording [KIT-36]', async () => {
    const { run } = await recorded(essay())
    expect(await left(() => recordRun(), essay())).toEqual({
      said: ['finish() was not called: the run that was recorded is not kept'],
      error: undefined,
    })
    expect(await left(() => replayRun(run), essay())).toEqual({
      said: ['finish() was not called: the run is not held against the recording'],
      error: undefined,
    })
  })

  it('fails with a divergence that its agent has gone on after [KIT-25]', async () => {
    const { run } = await recorded(essay())
    const { said, error } = await left(() => replayRun(run), careless)
    expect(error).toMatchObject({ code: 'fixture_diverged' })
    expect(said).toEqual([])
  })

  it('leaves the test the error that a session has failed with [KIT-25]', async () => {
    const { run } = await recorded(essay())
    const { error } = await left(() => replayRun(run), essay({ topic: 'waves' }))
    expect(error).toMatchObject({ code: 'fixture_diverged', path: 'input.topic' })
  })
})
