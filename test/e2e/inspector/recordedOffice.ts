import type { Fact } from '../../../src/index.js'
import { createLog } from '../../../src/cli/createLog.js'
import { settle } from '../../../src/testing/index.js'
import { hireTeam, overspend, refused, writePost } from './launchPost.js'
import { openOffice, type Office } from './office.js'

/** A morning of several agents: handoffs, failures, recoveries, gates, approvals, a budget that stops one, and two that wait. */
export async function recordMorning(): Promise<readonly Fact[]> {
  const office = openOffice()
  const { runtime, finish, wait } = office
  const team = hireTeam(office)
  await finish(writePost(office, team, { threadId: 'launch-post', output: 1_900, approves: true }))
  await finish(Promise.all([overspend(office), answerTickets(office)]))
  await finish(writePost(office, team, { threadId: 'launch-post-b', output: 2_600, approves: false }))
  const clerk = runtime.orchestrator({ role: 'clerk', phase: 'pay', model: 'south-small' })
  const paying = await clerk.open({ threadId: 'invoices' })
  await finish(office.ask(paying, { ms: 900, input: 1_500, output: 150 }))
  void paying.runTool('pay', () => wait(1_000), { requireApproval: true }).catch(() => undefined)
  await settle()
  return runtime.log.facts()
}

/** Short sessions: answered, cancelled and failed ones. */
async function answerTickets(office: Office): Promise<void> {
  const { runtime, ask, use } = office
  const support = runtime.orchestrator({ role: 'support', phase: 'answer', model: 'south-small', budgetUsd: 0.01 })
  for (let ticket = 1; ticket <= 7; ticket += 1) {
    const session = await support.open({ threadId: `ticket-${ticket}` })
    await ask(session, { ms: 600 + 80 * ticket, input: 900 + 130 * ticket, output: 180 + 20 * ticket })
    await use(session, 'lookUpOrder', 300)
    if (ticket === 3) await session.cancel('the customer has left')
    else if (ticket === 5) await refused(Error, ask(session, { ms: 500, input: 900, output: 90, fails: [401] }))
    else await ask(session, { ms: 500, input: 700, cached: 800, output: 160 })
    if (ticket === 5) await session.fail('the key was refused')
    else if (ticket !== 3) await session.complete()
  }
}

/** Many short sessions, as many facts as are asked for or a few more. */
export async function recordMany(count: number): Promise<readonly Fact[]> {
  const office = openOffice()
  const { runtime, clock } = office
  const support = runtime.orchestrator({ role: 'support', phase: 'answer', model: 'south-small', maxIterations: 200 })
  for (let ticket = 1; runtime.log.facts().length < count; ticket += 1) {
    await support.session(
      async (session) => {
        for (let turn = 1; turn <= 50; turn += 1) {
          await session.runTurn(() => 'an answer', { usage: { inputTokens: 100 * turn, outputTokens: 50 } })
          await session.runTool('lookUpOrder', () => 'an order')
        }
      },
      { threadId: `ticket-${ticket}` },
    )
    await clock.advance(1_000)
  }
  return runtime.log.facts()
}

/** Writes facts into a new log, as they are. */
export async function writeLog(path: string, facts: readonly Fact[]): Promise<void> {
  await createLog(path, async (log) => {
    for (const [index, fact] of facts.entries()) {
      log.append(fact.meta.stream, [fact])
      if (index % 4_096 === 0) await log.flush()
    }
    await log.flush()
  })
}
