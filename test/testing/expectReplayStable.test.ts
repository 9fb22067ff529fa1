import { describe, expect, it } from 'vitest'
import {
  createAgentRuntime,
  createMemoryLog,
  replayFact,
  type AgentRuntime,
  type Fact,
  type RuntimeState,
} from '../../src/index.js'
import { createManualClock, expectReplayStable } from '../../src/testing/index.js'
import { rejection } from '../support/runtime.js'
import { createModel, writeEssay } from './agents.js'

async function essay(topic = 'tides') {
  const runtime = createAgentRuntime({ clock: createManualClock(1_000), seed: 1, record: { results: 'json' } })
  await writeEssay(runtime, createModel(), { topic })
  return runtime
}

describe('a log that is expected to replay', () => {
  it('does, as a runtime, as a log and as facts [KIT-18]', async () => {
    const runtime = await essay()
    await expectReplayStable(runtime)
    await expectReplayStable(runtime.log)
    await expectReplayStable(runtime.log.facts())
    expect(runtime.log.facts().length).toBeGreaterThan(10)
  })

  it('does when it is long', async () => {
    const runtime = createAgentRuntime({ clock: createManualClock(1_000) })
    const orchestrator = runtime.orchestrator({ role: 'writer', phase: 'draft' })
    for (let count = 0; count < 300; count += 1) await (await orchestrator.open()).complete()
    await expectReplayStable(runtime)
  })

  it('leaves the facts that it was given as they are', async () => {
    const facts = structuredClone((await essay()).log.facts())
    await expectReplayStable(facts)
    expect(facts.some((fact) => Object.isFrozen(fact))).toBe(false)
  })

  it('is not that of a runtime in another state [KIT-18]', async () => {
    const [one, other] = [await essay(), await essay('waves')]
    await expect(expectReplayStable({ log: one.log, getState: () => other.getState() })).rejects.toThrow(
      /^the state after fact \d+, sessions\/returned is another one that the runtime is in: sessions\.rows/,
    )
  })

  it('has all of its facts [KIT-18]', async () => {
    const facts = (await essay()).log.facts()
    await expect(expectReplayStable(facts.filter(({ meta }) => meta.seq !== 4))).rejects.toThrow(
      'fact 4 should be there',
    )
  })
})

describe('a reducer that is expected to replay', () => {
  type Counts = { readonly turns: number; readonly types: readonly string[] }
  const initialState: Counts = { turns: 0, types: [] }
  const facts = async () => (await essay()).log.facts()
  const failure = async (reducer: (state: Counts, fact: Fact) => Counts) =>
    rejection(expectReplayStable(await facts(), { reducer, initialState }))

  it('does when it is a function of the facts [KIT-19]', async () => {
    const reducer = ({ turns, types }: Counts, { type }: Fact) => ({
      turns: turns + (type === 'turns/completed' ? 1 : 0),
      types: [...types, type],
    })
    await expectReplayStable(await facts(), { reducer, initialState })
  })

  it('does not when it counts by itself [KIT-19]', async () => {
    let turns = 0
    const error = await failure((state, { type }) =>
      type === 'turns/completed' ? { ...state, turns: (turns += 1) } : state,
    )
    expect(error).toMatchObject({ name: 'AssertionError', expected: 1, actual: 3 })
    expect(String(error)).toMatch(
      /the state after fact \d+, turns\/completed is another one replayed again: turns is 1, and 3 then/,
    )
  })

  it('does not when it changes what it was given [KIT-19]', async () => {
    const error = await failure((state, { type }) => {
      ;(state.types as string[]).push(type)
      return state
    })
    expect(String(error)).toMatch(/^AssertionError: fact 1, pricing\/registered: the reducer threw TypeError/)
  })

  it('does not when its state is no JSON [KIT-19]', async () => {
    const reducer = (seen: { readonly types: Set<string> }, { type }: Fact) => ({
      types: new Set([...seen.types, type]),
    })
    const error = await rejection(
      expectReplayStable(await facts(), { reducer, initialState: { types: new Set<string>() } }),
    )
    expect(String(error)).toContain('the state after fact 1, pricing/registered is another one')
  })

  it('does not when it forgets something that is not in its state [KIT-19]', async () => {
    let last = ''
    const reducer = (state: RuntimeState & { readonly before?: string }, fact: Fact) => {
      const next = { ...replayFact(state, fact), before: fact.meta.seq === 1 ? '' : last }
      last = fact.type
      return next
    }
    const error = await rejection(expectReplayStable(await facts(), { reducer }))
    expect(String(error)).toContain('replayed from a snapshot after fact 1: before is')
  })
})

describe('an agent that is run again on its log', () => {
  const rerun = (topic: string, model = createModel()) => ({
    rerun: (runtime: AgentRuntime) => writeEssay(runtime, model, { topic }),
  })

  it('calls nothing [KIT-20]', async () => {
    const model = createModel()
    await expectReplayStable(await essay(), rerun('tides', model))
    expect(model.calls).toEqual([])
  })

  it('fails when it asks for something else [KIT-20]', async () => {
    await expect(expectReplayStable(await essay(), rerun('waves'))).rejects.toThrow('had tool "search"')
  })

  it('fails when the log does not answer it, and calls nothing [KIT-20]', async () => {
    const model = createModel()
    const more = async (runtime: AgentRuntime) => {
      await writeEssay(runtime, model)
      await runtime
        .orchestrator({ role: 'critic', phase: 'read' })
        .session((session) => session.step('look', () => model.ask('more')))
    }
    await expect(expectReplayStable(await essay(), { rerun: more })).rejects.toThrow(
      "session-3 called step 'look' when it was run again: the log does not answer it",
    )
    expect(model.calls).toEqual([])
  })

  it('fails when it takes up none of its threads [KIT-20]', async () => {
    const nothing = { rerun: () => undefined }
    await expect(expectReplayStable(await essay(), nothing)).rejects.toThrow('no thread was run again to its end')
  })

  it('cannot be when nothing was recorded for that [KIT-20]', async () => {
    const runtime = createAgentRuntime()
    await writeEssay(runtime, createModel())
    await expect(expectReplayStable(runtime, rerun('tides'))).rejects.toThrow('none recorded its results')
  })

  it('cannot be when its sessions are no threads [KIT-20]', async () => {
    const runtime = createAgentRuntime({ record: { results: 'json' } })
    await writeEssay(runtime, createModel(), { threads: false })
    await expect(expectReplayStable(runtime, rerun('tides'))).rejects.toThrow('none has a threadId')
  })

  it('fails where there is nothing to replay [KIT-18]', async () => {
    await expect(expectReplayStable(createAgentRuntime())).rejects.toThrow('no fact was recorded')
  })

  it('refuses what is no log', async () => {
    await expect(expectReplayStable(createMemoryLog as never)).rejects.toThrow(
      'source must be a log or an iterable of facts',
    )
    await expect(expectReplayStable([], { rerun: 1 as never })).rejects.toThrow('rerun must be a function')
  })
})
