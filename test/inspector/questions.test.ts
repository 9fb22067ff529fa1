import { build } from 'esbuild'
import { builtinModules } from 'node:module'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { diff, InvalidArgumentError, whatIf } from '../../src/index.js'
import { askWhatIf, comparedFact, compareRuns, createRun, tokenOf } from '../../src/inspector/model/index.js'
import { tellStory } from '../cli/story.js'
import { createTestRuntime, DRAFT } from '../support/runtime.js'
import { useServing } from './serving.js'

async function runOf(...outputTokens: number[]) {
  const { orchestrator, runtime } = createTestRuntime()
  await orchestrator.session(async (session) => {
    for (const count of outputTokens) await session.runTurn(() => 1, { ...DRAFT, usage: { outputTokens: count } })
  })
  return createRun(runtime.log.facts())
}

describe('two runs beside each other', () => {
  it('are the same row by row when the same happened [INSP-17]', async () => {
    const run = await runOf(10, 20)
    const { rows, firstDivergence } = await compareRuns(run, await runOf(10, 20))
    expect(firstDivergence).toBeNull()
    expect(rows).toEqual(run.facts.map(({ meta: { seq } }) => ({ kind: 'same', a: seq, b: seq, changes: [] })))
  })

  it('part at the first row that differs, with what each cost [INSP-17]', async () => {
    const [a, b] = [await runOf(10, 20, 5), await runOf(10, 21, 5)]
    const { rows, firstDivergence, cost } = await compareRuns(a, b)
    const row = rows[firstDivergence ?? 0]!
    expect(row).toMatchObject({ kind: 'changed', changes: [{ path: 'payload.usage.outputTokens', a: 20, b: 21 }] })
    expect([comparedFact(a, row.a), comparedFact(b, row.b)]).toEqual([
      { seq: row.a, sessionId: 'session-1', text: 'turn-2 completed in 0ms, 0 in, 20 out, $0.0003' },
      { seq: row.b, sessionId: 'session-1', text: 'turn-2 completed in 0ms, 0 in, 21 out, $0.0003' },
    ])
    expect(cost).toEqual({ a: 0.000525, b: 0.00054, differenceUsd: 0.000015 })
  })

  it('have empty sides where only one did something [INSP-17]', async () => {
    const [one, other] = [await runOf(10), await runOf(10, 20)]
    const { rows, outcome } = await compareRuns(one, other)
    const onlyThere = rows.filter(({ kind }) => kind === 'only_b')
    expect(onlyThere.map(({ a, b }) => [comparedFact(one, a), comparedFact(other, b)?.text])).toEqual([
      [null, 'turn-2 started on your-model'],
      [null, 'turn-2 completed in 0ms, 0 in, 20 out, $0.0003'],
    ])
    expect([outcome.a.turns, outcome.b.turns]).toEqual([1, 2])
  })

  it('may be two threads of one log [INSP-17]', async () => {
    const facts = await tellStory()
    const run = createRun(facts)
    const options = { a: { threadId: 'essay' }, b: { threadId: 'left-over' } }
    const { rows, firstDivergence, ...told } = await compareRuns(run, run, options)
    const found = await diff(facts, facts, options)
    expect(told).toEqual({ cost: found.cost, outcome: found.outcome })
    expect(rows.map(({ kind, a, b }) => [kind, a, b])).toEqual(
      found.facts.map(({ kind, a, b }) => [kind, a?.seq ?? null, b?.seq ?? null]),
    )
    expect(firstDivergence).toBe(found.firstDivergence?.index)
    await expect(compareRuns(run, run, { a: { threadId: 'none' } })).rejects.toBeInstanceOf(InvalidArgumentError)
  })
})

describe('what if', () => {
  it('tells of a run what it tells of its log [INSP-18]', async () => {
    const facts = await tellStory()
    const changes = { budgetUsd: 0.01, pricing: { 'unknown-model': { inputPerMillion: 5, outputPerMillion: 5 } } }
    const told = askWhatIf(createRun(facts), changes, { all: true })
    expect(told).toEqual(whatIf(facts, changes, { all: true }))
    expect(told.totals.stopped + told.totals.overran).toBeGreaterThan(0)
  })

  it('refuses a setting that does not fit [INSP-18]', async () => {
    const run = createRun(await tellStory())
    expect(() => askWhatIf(run, { budgetUsd: -1 })).toThrow(InvalidArgumentError)
  })
})

describe('the client of the page', () => {
  const serving = useServing()

  it('tells how far it has come, and reads all facts [INSP-19]', async () => {
    const { orchestrator, runtime } = createTestRuntime({ maxIterations: 'unlimited' })
    await orchestrator.session(async (session) => {
      for (let count = 0; count < 1_200; count += 1) await session.runTurn(() => 1, DRAFT)
    })
    const facts = runtime.log.facts()
    const { client } = await serving.serve([await serving.files.write(facts)])
    const [log] = await client.logs()
    const progress: (readonly number[])[] = []
    const run = await client.load(log!, (...told) => progress.push(told))
    expect(progress).toEqual([
      [1_000, 2_404],
      [2_000, 2_404],
      [2_404, 2_404],
    ])
    expect(run.facts).toEqual(facts)
  })

  it('says why it was not answered [INSP-19]', async () => {
    const { origin, client } = await serving.serve([await serving.files.writeStory()])
    const { createClient } = await import('../../src/inspector/model/index.js')
    await expect(createClient({ origin, token: '' }).logs()).rejects.toMatchObject({
      name: 'InspectorError',
      message: 'the address of the page lacks its token: open the one that was printed',
    })
    expect(await client.logs()).toHaveLength(1)
  })

  it('has its token from the fragment of the address [INSP-19]', () => {
    expect(tokenOf('#token=abc-_1')).toBe('abc-_1')
    expect([tokenOf(''), tokenOf('#'), tokenOf('#else')]).toEqual(['', '', ''])
  })
})

describe('the model of the inspector', () => {
  it('runs where there is nothing but what browsers have [INSP-19]', async () => {
    const { outputFiles, metafile } = await build({
      entryPoints: ['src/inspector/model/index.ts'],
      bundle: true,
      platform: 'browser',
      format: 'iife',
      globalName: 'model',
      metafile: true,
      write: false,
      logLevel: 'silent',
      define: { 'process.env.NODE_ENV': '"production"' },
    })
    const imported = Object.values(metafile.inputs).flatMap(({ imports }) => imports.map(({ path }) => path))
    expect(imported.filter((path) => path.startsWith('node:') || builtinModules.includes(path))).toEqual([])
    const facts = await tellStory()
    const told: unknown = runInNewContext(
      `${outputFiles[0]?.text ?? ''}
      const run = model.createRun(JSON.parse(facts))
      const spans = model.waterfallOf(run, 'session-1').spans.length
      JSON.stringify([run.head, spans, model.changesAt(run, 7).length > 0, model.askWhatIf(run, { budgetUsd: 1 }).facts])`,
      { facts: JSON.stringify(facts) },
    )
    expect(JSON.parse(String(told))).toEqual([31, 8, true, 31])
  })
})
