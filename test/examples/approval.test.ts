import { describe, expect, it } from 'vitest'
import { main } from '../../examples/approval.js'
import { facts } from '../../src/index.js'
import { collect, shell } from './program.js'

const run = () => collect(main)

describe('the example of approvals', () => {
  it('shows its nine steps in order', async () => {
    const { lines } = await run()
    expect(lines.filter((line) => /^\d\. /.test(line))).toEqual([
      '1. A small bill needs nobody',
      '2. A large one waits, and the desk approves it',
      '3. The desk pays less than was asked for',
      '4. Nobody is above the guardrails, not even the desk',
      '5. The desk says no, and why',
      '6. An approval answers the request it was given for, and no other',
      '7. Nobody decides in time',
      '8. A question is asked in the same way',
      '9. Paid: 40 for stamps, 1200 for rent, 700 for printer, 550 for water, 650 for power',
    ])
  })

  it('has a fact for each decision', async () => {
    const { runtime } = await run()
    const decisions = runtime.log.facts().filter(facts.approvalResolved.match)
    expect(decisions.map(({ payload }) => payload.decision)).toEqual([
      ...['approved', 'edited', 'edited', 'rejected', 'approved', 'approved', 'expired'],
    ])
    expect(runtime.select.pendingRequests()).toEqual([])
    expect(runtime.select.summary('session-1')).toMatchObject({
      status: 'completed',
      tools: { completed: 5, blocked: 3 },
    })
  })

  it('tells the agent why a call was not made', async () => {
    const { output } = await run()
    expect(output).toContain("the agent is told: tool 'pay' was not approved: we have enough chairs")
    expect(output).toContain("the agent is told: tool 'pay' was not approved: expired")
    expect(output).toContain('nobody pays more than 5000 euros')
    expect(output).toContain('ApprovalMismatchError: nothing was decided')
  })

  it('has arguments in its log only where the desk has edited them', async () => {
    const { runtime } = await run()
    const holding = runtime.log.facts().filter((fact) => JSON.stringify(fact).includes('XX00'))
    expect(holding.map(({ type }) => type)).toEqual(['approvals/resolved', 'approvals/resolved'])
  })

  it('prints the same as a program', async () => {
    const { stdout, stderr } = await shell('tsx examples/approval.ts')
    expect(stderr).toBe('')
    expect(stdout).toBe(`${(await run()).output}\n`)
  })
})
