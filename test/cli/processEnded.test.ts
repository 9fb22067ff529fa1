import { describe, expect, it } from 'vitest'
import { createMemoryLog, openAgentRuntime, type Fact } from '../../src/index.js'
import { createManualClock } from '../../src/testing/index.js'
import { run, useFolder } from './run.js'

/** A turn of 200 ms, then a turn and a tool call whose process ends; an hour later another process opens the log. */
async function tellOfTwoProcesses(): Promise<readonly Fact[]> {
  const clock = createManualClock(Date.UTC(2026, 0, 5, 9))
  const lost = createMemoryLog()
  const first = await openAgentRuntime({ log: lost, clock, seed: 7 })
  const session = await first.orchestrator({ role: 'writer', phase: 'draft' }).open({ threadId: 'essay' })
  await session.runTurn(() => clock.advance(200))
  void session.runTurn(() => new Promise(() => undefined)).catch(() => undefined)
  void session.runTool('search', () => new Promise(() => undefined)).catch(() => undefined)
  await clock.advance(1)
  const log = createMemoryLog()
  for (const fact of lost.facts()) log.append(fact.meta.stream, [fact])
  await clock.advance(3_600_000)
  await openAgentRuntime({ log, clock, seed: 7 })
  return log.facts()
}

describe('of a call whose process ended', () => {
  const files = useFolder()
  const write = async () => files.write(await tellOfTwoProcesses())

  it('show tells no duration [CLI-10]', async () => {
    const path = await write()
    const { stdout } = await run(['show', path])
    expect(stdout).toMatch(/turn-1 completed in 200ms, usage unknown\n/)
    expect(stdout).toMatch(/turn-2 cancelled: process_ended, usage unknown\n/)
    const json = (await run(['show', path, '--json'])).stdout.trimEnd().split('\n')
    const told = json.map((line) => JSON.parse(line) as Fact & { readonly tookMs: number | null })
    const ended = told.filter(({ type }) => ['turns/cancelled', 'tools/interrupted'].includes(type))
    expect(ended.map(({ tookMs }) => tookMs)).toEqual([null, null])
  })

  it.each([
    ['turns', '200,completed', ',cancelled,process_ended'],
    ['tools', 'Z,,interrupted', 'Z,,interrupted'],
  ])('export of %s leaves duration_ms empty [CLI-16]', async (rows, first, last) => {
    const { stdout } = await run(['export', await write(), '--format', 'csv', '--rows', rows])
    const [head = '', ...lines] = stdout.trimEnd().split('\r\n')
    const column = head.split(',').indexOf('duration_ms')
    expect(lines[0]).toContain(first)
    expect(lines.at(-1)).toContain(last)
    expect(lines.at(-1)?.split(',')[column]).toBe('')
  })

  it('stats counts no duration [CLI-15]', async () => {
    const { stdout } = await run(['stats', await write(), '--json'])
    expect(JSON.parse(stdout)).toMatchObject({ turnMs: { count: 1, p50: 200, p95: 200 } })
  })
})
