import {
  ApprovalRejectedError,
  BudgetExceededError,
  CircuitOpenError,
  PermissionDeniedError,
  type AgentSession,
  type Handoff,
  type Orchestrator,
} from '../../../src/index.js'
import { decide } from '../../support/people.js'
import type { Office } from './office.js'

/** How a run of the same job differs from another. */
export interface Manner {
  readonly threadId: string
  /** Tokens of the first draft. */
  readonly output: number
  readonly approves: boolean
}

interface Team {
  readonly planner: Orchestrator
  readonly writer: Orchestrator
  readonly reviewer: Orchestrator
}

/** A planner, a writer and a reviewer, who hand a post on. */
export function hireTeam({ runtime }: Office): Team {
  return {
    planner: runtime.orchestrator({
      role: 'planner',
      phase: 'plan',
      model: 'north-large',
      budgetUsd: 0.5,
      handoffTargets: ['writer'],
    }),
    writer: runtime.orchestrator({
      role: 'writer',
      phase: 'draft',
      model: 'north-large',
      budgetUsd: 0.15,
      enforceBudget: true,
      qualityGate: 'standard',
      handoffTargets: ['reviewer'],
      circuitBreaker: { name: 'north', failureThreshold: 3, recoveryTimeoutMs: 6_000 },
      permissions: { roles: { writer: { mode: 'workspace_write' } }, tools: { deleteSite: 'full_access' } },
      policy: [
        {
          name: 'a good draft goes to review',
          condition: { type: 'gatePassed' },
          actions: [{ action: 'advance_phase', params: { to: 'review' } }],
        },
      ],
      recovery: {
        mode: 'execute',
        backoff: { jitter: 'none' },
        recipes: { llm_error: { steps: ['retry_with_backoff'], escalationPolicy: 'abort' } },
      },
    }),
    reviewer: runtime.orchestrator({ role: 'reviewer', phase: 'review', model: 'south-small' }),
  }
}

export async function writePost(office: Office, team: Team, manner: Manner): Promise<void> {
  const { threadId } = manner
  const toWriter = await team.planner.session((session) => plan(office, session), { threadId })
  const toReviewer = await team.writer.session((session) => draft(office, session, manner), {
    threadId,
    handoff: toWriter,
  })
  await team.reviewer.session((session) => review(office, session), { threadId, handoff: toReviewer })
}

async function plan({ ask, use, wait }: Office, session: AgentSession): Promise<Handoff> {
  await ask(session, { ms: 1_800, input: 2_400, output: 620 })
  await Promise.all([
    use(session, 'searchDocs', 900),
    use(session, 'searchTickets', 1_400),
    use(session, 'readFigures', 600),
  ])
  await ask(session, { ms: 2_300, input: 1_900, cached: 3_200, output: 840 })
  await wait(300)
  return session.handoffTo('writer', { reason: 'the outline is ready' })
}

async function draft(office: Office, session: AgentSession, { output, approves }: Manner): Promise<Handoff> {
  const { runtime, ask, use, wait } = office
  await ask(session, { ms: 2_600, input: 3_800, output })
  await refused(PermissionDeniedError, use(session, 'deleteSite', 100))
  await ask(session, { ms: 1_900, input: 1_200, cached: 5_000, output: 900, fails: [429] })
  await ask(session, { ms: 2_000, input: 1_400, output: 600, fails: [503, 503, 503] }).catch(() => undefined)
  await refused(CircuitOpenError, ask(session, { ms: 2_000, input: 1_400, output: 600 }))
  await wait(6_000)
  await ask(session, { ms: 1_500, input: 1_100, cached: 5_600, output: 700 })
  await use(session, 'checkLinks', 1_200)
  session.evaluateGate('standard')
  session.evaluatePolicy({ phaseCompleted: true })
  const publishing = session.runTool('publish', () => wait(800), { requireApproval: true })
  await wait(3_500)
  decide(runtime, session, approves ? {} : { decision: 'rejected', reason: 'not this week' })
  if (approves) await publishing
  else await refused(ApprovalRejectedError, publishing)
  return session.handoffTo('reviewer', { reason: 'ready for review' })
}

async function review({ runtime, ask, wait }: Office, session: AgentSession): Promise<void> {
  await ask(session, { ms: 1_100, input: 2_900, output: 240 })
  const asked = session.pauseForInput('Is the date right?')
  await wait(2_200)
  runtime.provideInput(session.id, 'yes')
  await asked
  await ask(session, { ms: 900, input: 800, cached: 2_900, output: 120 })
  await session.complete('published')
}

/** A session that spends its budget, and ends with the error of that. */
export async function overspend({ runtime, ask, use }: Office): Promise<void> {
  const frugal = runtime.orchestrator({
    role: 'researcher',
    phase: 'search',
    model: 'north-large',
    budgetUsd: 0.05,
    enforceBudget: true,
  })
  const work = frugal.session(
    async (session) => {
      for (;;) {
        await ask(session, { ms: 1_600, input: 2_800, output: 700 })
        await use(session, 'searchWeb', 1_100)
      }
    },
    { threadId: 'market-study' },
  )
  await refused(BudgetExceededError, work)
}

export async function refused(kind: new (...args: never[]) => Error, call: Promise<unknown>): Promise<void> {
  const error: unknown = await call.then(
    () => undefined,
    (error: unknown) => error,
  )
  if (!(error instanceof kind)) throw error ?? new Error(`expected ${kind.name}`)
}
