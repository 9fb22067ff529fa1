import { beforeAll, describe, expect, it } from 'vitest'
import { main } from '../../examples/what-if.js'
import { formatCost, whatIf } from '../../src/index.js'
import { collect, shell } from './program.js'

/** The cells of the row that begins with `name`. */
function rowOf(output: string, name: string): string[] | undefined {
  const rows = output.split('\n').map((line) => line.split('│').map((cell) => cell.trim()))
  return rows.find(([, first]) => first === name)?.slice(1, -1)
}

describe('the example of what-if', () => {
  let ran: Awaited<ReturnType<typeof collect<Awaited<ReturnType<typeof main>>>>>

  beforeAll(async () => {
    ran = await collect(main)
  })

  it('has a row for each of the other settings', () => {
    const rows = ['other prices', '20-cent budget', 'both', 'at most 8 turns'].map((name) => rowOf(ran.output, name))
    expect(rows.every((row) => row?.length === 6)).toBe(true)
    expect(rows.map((row) => row?.[3] === '0')).toEqual([true, false, false, false])
  })

  it('tells what whatIf tells of the log', () => {
    const { totals } = whatIf(ran.runtime.log.facts(), { budgetUsd: 0.2 })
    expect(totals.sessions).toBe(1_000)
    expect(totals.costUsd.recorded).toBeCloseTo(ran.runtime.select.totals().costUsd, 6)
    expect(rowOf(ran.output, '20-cent budget')).toEqual([
      '20-cent budget',
      formatCost(totals.costUsd.changed),
      `-${formatCost(totals.costUsd.recorded - totals.costUsd.changed)}`,
      String(totals.stopped),
      String(totals.avoided.turns),
      formatCost(totals.avoided.costUsd),
    ])
  })

  it('lists ten sessions that cost more than 20 cents, the dearest first', () => {
    const rows = ran.lines
      .map((line) => line.split('│').map((cell) => cell.trim()))
      .filter((row) => row[1]?.startsWith('session-'))
    const recorded = rows.map((row) => Number(row[4]?.slice(1)))
    expect(rows).toHaveLength(10)
    expect(recorded.every((cost) => cost > 0.2)).toBe(true)
    expect(recorded).toEqual([...recorded].sort((a, b) => b - a))
  })

  it('prints the same as a program', async () => {
    const { stdout, stderr } = await shell('tsx examples/what-if.ts')
    expect(stderr).toBe('')
    expect(stdout).toBe(`${ran.output}\n`)
  })
})
