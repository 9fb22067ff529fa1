import { describe, expect, it } from 'vitest'
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
    ['another order', { order: ['draft', 'search'] }, {}],
    ['another budget', { budgetUsd: 0.00001 }, { path: 'payload.config.budgetUsd', expected: 5, actual: 0.00001 }],
  ])('fails at its first divergence: %s [KIT-25]', async (_name, settings, divergence) => {
    const { run } = await recorded(essay())
    const replay = replayRun(run)
    await rejection(essay(settings)(replay.runtime).finally(() => replay.finish()))
    expect(await rejection(replay.finish())).toMatchObject({ code: 'fixture_diverged', ...divergence })
  })
})
