import { describe, expect, it, vi } from 'vitest'
import {
  agentEvents,
  ApprovalMismatchError,
  ApprovalRejectedError,
  facts,
  NoPendingRequestError,
  replay,
  selectorsOf,
  type AgentSession,
  type ApprovalDecision,
  type Guardrail,
  type OrchestratorOptions,
} from '../src/index.js'
import { settle } from '../src/testing/index.js'
import { approvalsOf, decide } from './support/people.js'
import { createTestRuntime, deferred, rejection, type TestRuntime } from './support/runtime.js'

interface Waiting extends TestRuntime {
  readonly session: AgentSession
  readonly mail: ReturnType<typeof vi.fn>
  readonly sent: Promise<unknown>
  decide(decision?: Partial<ApprovalDecision>): void
}

const ARGS = { to: 'ann@example.com', body: 'the secret offer' }

/** A session in which a call of the tool `mail` waits for an approval. */
async function waitForApproval(
  requireApproval: NonNullable<Parameters<AgentSession['runTool']>[2]>['requireApproval'] = true,
  options: Partial<OrchestratorOptions> = {},
  signal?: AbortSignal,
): Promise<Waiting> {
  const test = createTestRuntime(options)
  const session = await test.orchestrator.open()
  const mail = vi.fn(({ args }: { args: unknown }) => args)
  const sent = session.runTool('mail', mail, { args: ARGS, requireApproval, signal })
  sent.catch(() => undefined)
  await settle()
  return { ...test, session, mail, sent, decide: (decision) => decide(test.runtime, session, decision) }
}

const blocks = (check: Guardrail['check']): Guardrail => ({ name: 'taste', stages: ['pre'], check })

describe('a tool call that needs an approval', () => {
  it('waits as a fact, and is made when it was approved [APPR-2, APPR-3, APPR-6]', async () => {
    const { session, runtime, mail, sent, decide, sessionFacts, clock } = await waitForApproval()
    expect(mail).not.toHaveBeenCalled()
    expect(session.status).toBe('running')
    const pending = {
      kind: 'approval',
      requestId: 'request-1',
      tool: 'mail',
      fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
      preview: null,
      requestedAt: 1_000,
      expiresAt: 1_801_000,
    }
    expect(session.pendingRequests).toEqual([pending])
    expect(session.summary().requests).toEqual([pending])
    expect(runtime.select.pendingRequests()).toEqual([{ sessionId: 'session-1', ...pending }])
    decide()
    expect(await sent).toEqual(ARGS)
    expect(sessionFacts().slice(1)).toEqual([
      'approvals/requested',
      'approvals/resolved',
      'tools/started',
      'tools/completed',
    ])
    expect(session.pendingRequests).toEqual([])
    expect(clock.pendingTimers).toBe(0)
  })

  it('is told of as events in the same order', async () => {
    const { runtime, sent, decide } = await waitForApproval()
    decide()
    await sent
    expect(
      agentEvents(runtime.log.facts()).map(({ event, status, detail, data }) => [event, status, detail, data]),
    ).toEqual([
      ['agent.started', 'running', undefined, undefined],
      ['agent.blocked', 'blocked', 'waiting for approval', { kind: 'approval', tool: 'mail', requestId: 'request-1' }],
      ['agent.ready', 'ready', 'approval approved', { kind: 'approval', requestId: 'request-1', decision: 'approved' }],
      ['agent.tool_called', 'running', undefined, { tool: 'mail' }],
      ['agent.tool_completed', 'completed', undefined, { tool: 'mail' }],
    ])
  })

  it('is made with the arguments that a person has edited [APPR-6, TOOL-7]', async () => {
    const { runtime, mail, sent, decide } = await waitForApproval()
    decide({ decision: 'edited', args: { to: 'bob@example.com' } })
    expect(await sent).toEqual({ to: 'bob@example.com' })
    expect(mail.mock.lastCall?.[0]).toMatchObject({ args: { to: 'bob@example.com' } })
    const [requested, resolved, started] = [facts.approvalRequested, facts.approvalResolved, facts.toolStarted].map(
      (kind) => runtime.log.facts().find(kind.match as typeof facts.toolStarted.match),
    )
    expect(resolved?.payload).toMatchObject({ decision: 'edited', args: { to: 'bob@example.com' } })
    expect(started?.payload.fingerprint).not.toBe(requested?.payload.fingerprint)
  })

  it('keeps what was edited apart from what its tool does to it', async () => {
    const { runtime, session } = await waitForApproval()
    const greedy = ({ args }: { args: unknown }) => void Object.assign(args as object, { to: 'mallory@example.com' })
    const sent = session.runTool('mail', greedy, { args: ARGS, requireApproval: true })
    await settle()
    decide(runtime, session, { ...approvalsOf(session)[1], decision: 'edited', args: { to: 'bob@example.com' } })
    await sent
    expect(JSON.stringify(runtime.log.facts())).not.toContain('mallory')
  })

  it('is not made when a person has rejected it, and says why [APPR-7]', async () => {
    const { session, mail, sent, decide, sessionFacts } = await waitForApproval()
    decide({ decision: 'rejected', reason: 'too pushy' })
    const error = await rejection(sent)
    expect(error).toBeInstanceOf(ApprovalRejectedError)
    expect(error).toMatchObject({
      code: 'approval_rejected',
      message: "tool 'mail' was not approved: too pushy",
      tool: 'mail',
      requestId: 'request-1',
      decision: 'rejected',
      reason: 'too pushy',
    })
    expect(mail).not.toHaveBeenCalled()
    expect(sessionFacts().slice(1)).toEqual(['approvals/requested', 'approvals/resolved', 'tools/blocked'])
    expect(session.summary().tools).toMatchObject({ attempted: 1, started: 0, blocked: 1 })
    expect(session.status).toBe('running')
  })

  it('is not made when nobody has decided in time [APPR-7]', async () => {
    const { mail, sent, clock, runtime } = await waitForApproval({ timeoutMs: 60_000 })
    await clock.advance(59_999)
    expect(runtime.select.pendingRequests()).toHaveLength(1)
    await clock.advance(1)
    expect(await rejection(sent)).toMatchObject({ decision: 'expired', reason: null })
    expect(mail).not.toHaveBeenCalled()
    expect(runtime.log.facts().find(facts.approvalResolved.match)?.payload).toMatchObject({ decision: 'expired' })
    expect(runtime.select.pendingRequests()).toEqual([])
    expect(clock.pendingTimers).toBe(0)
  })

  it('waits for half an hour, or for ever when it is told so [APPR-1]', async () => {
    const { sent, clock } = await waitForApproval()
    await clock.advance(1_800_000)
    expect(await rejection(sent)).toMatchObject({ decision: 'expired' })

    const patient = await waitForApproval({ timeoutMs: null })
    expect(patient.clock.pendingTimers).toBe(0)
    expect(patient.session.pendingRequests).toMatchObject([{ expiresAt: null }])
    await patient.clock.advance(1e10)
    patient.decide()
    expect(await patient.sent).toEqual(ARGS)
  })

  it('gives its tool the whole of its own time', async () => {
    const { runtime, session, clock } = await waitForApproval()
    const slow = rejection(
      session.runTool('slow', () => new Promise(() => undefined), { timeoutMs: 10, requireApproval: true }),
    )
    await clock.advance(1_000)
    decide(runtime, session, approvalsOf(session)[1])
    await clock.advance(9)
    expect(session.summary().inFlight.tools).toHaveLength(1)
    await clock.advance(1)
    expect(await slow).toMatchObject({ code: 'tool_timeout' })
  })
})

describe('an approval', () => {
  it('of other arguments is refused, and decides nothing [APPR-5]', async () => {
    const { session, sent, decide, sessionFacts } = await waitForApproval()
    const [asked] = approvalsOf(session)
    const before = sessionFacts()
    expect(() => decide({ fingerprint: '0123456789abcdef' })).toThrow(ApprovalMismatchError)
    expect(() => decide({ fingerprint: null })).toThrow(
      expect.objectContaining({
        code: 'approval_mismatch',
        requestId: 'request-1',
        fingerprint: null,
        expected: asked?.fingerprint,
      }),
    )
    expect(sessionFacts()).toEqual(before)
    decide()
    await sent
  })

  it('of a request that is unknown or decided is refused [APPR-8]', async () => {
    const { runtime, session, sent, decide } = await waitForApproval()
    const [asked] = approvalsOf(session)
    expect(() => decide({ requestId: 'request-2' })).toThrow(NoPendingRequestError)
    decide()
    const again = { ...asked!, decision: 'rejected' } as const
    expect(() => runtime.resolveApproval(session.id, again)).toThrow(
      expect.objectContaining({ code: 'no_pending_request', requestId: 'request-1' }),
    )
    expect(await sent).toEqual(ARGS)
    expect(() => runtime.resolveApproval('session-9', again)).toThrow(expect.objectContaining({ code: 'not_found' }))
  })

  it('is not given by an answer to a question', async () => {
    const { runtime, session, sent, decide } = await waitForApproval()
    expect(() => session.provideInput('yes')).toThrow(NoPendingRequestError)
    expect(() => runtime.provideInput(session.id, 'yes', 'request-1')).toThrow(NoPendingRequestError)
    decide()
    await sent
  })

  it('answers its own request only, when a tool is called twice [APPR-5]', async () => {
    const { runtime, orchestrator, sessionFacts } = createTestRuntime()
    const session = await orchestrator.open()
    const call = (to: string) => session.runTool('mail', ({ args }) => args, { args: { to }, requireApproval: true })
    const [ann, bob] = [call('ann'), rejection(call('bob'))]
    await settle()
    const [first, second] = approvalsOf(session)
    expect(first?.fingerprint).not.toBe(second?.fingerprint)
    expect(() => decide(runtime, session, { ...second, fingerprint: first!.fingerprint })).toThrow(
      ApprovalMismatchError,
    )
    decide(runtime, session, { ...second, decision: 'rejected' })
    decide(runtime, session, first)
    expect(await ann).toEqual({ to: 'ann' })
    expect(await bob).toMatchObject({ requestId: 'request-2' })
    expect(sessionFacts().filter((type) => type === 'tools/started')).toHaveLength(1)
  })

  it('holds for what was asked for, however the caller changes its arguments meanwhile [APPR-5]', async () => {
    const { orchestrator, runtime } = createTestRuntime()
    const session = await orchestrator.open()
    const args = { to: ['ann'] }
    const sent = session.runTool('mail', (call) => call.args, { args, requireApproval: true })
    await settle()
    args.to.push('the whole company')
    decide(runtime, session)
    expect(await sent).toEqual({ to: ['ann'] })
  })

  it('of arguments that are not JSON names no fingerprint', async () => {
    const { orchestrator, runtime } = createTestRuntime()
    const session = await orchestrator.open()
    const args = { when: new Date(0) }
    const sent = session.runTool('mail', (call) => call.args, { args, requireApproval: true })
    await settle()
    expect(session.pendingRequests).toMatchObject([{ fingerprint: null }])
    decide(runtime, session)
    expect(await sent).toBe(args)
  })

  it.each([
    ['decision.requestId', { requestId: ' ' }],
    ['decision.fingerprint', { fingerprint: undefined }],
    ['decision.decision', { decision: 'maybe' }],
    ['decision.args', { decision: 'edited' }],
    ['decision.args', { decision: 'approved', args: {} }],
    ['decision.args.at', { decision: 'edited', args: { at: new Date(0) } }],
    ['decision.reason', { reason: 5 }],
    ['decision.comment', { comment: 'fine' }],
  ])('with a bad %s is refused, and decides nothing [APPR-4]', async (field, decision) => {
    const { session, decide } = await waitForApproval()
    expect(() => decide(decision as never)).toThrow(expect.objectContaining({ code: 'invalid_argument', field }))
    expect(session.pendingRequests).toHaveLength(1)
  })
})

describe('when and preview', () => {
  it('decide on the arguments whether somebody is asked [APPR-1]', async () => {
    const { orchestrator, sessionFacts } = createTestRuntime()
    const session = await orchestrator.open()
    const when = async ({ euros }: { euros: number }) => euros > 100
    const pay = (euros: number) => session.runTool('pay', () => euros, { args: { euros }, requireApproval: { when } })
    expect(await pay(100)).toBe(100)
    void pay(101).catch(() => undefined)
    await settle()
    expect(sessionFacts().slice(1)).toEqual(['tools/started', 'tools/completed', 'approvals/requested'])
    await session.cancel()
  })

  it('are the only way for arguments into the log [APPR-2]', async () => {
    const silent = await waitForApproval()
    silent.decide()
    await silent.sent
    expect(JSON.stringify(silent.runtime.log.facts())).not.toMatch(/secret|ann@example/)

    const shown = { to: 'ann@example.com' }
    const { runtime, session, decide, sent } = await waitForApproval({ preview: () => shown })
    expect(session.pendingRequests).toMatchObject([{ preview: { to: 'ann@example.com' } }])
    decide()
    await sent
    shown.to = 'changed later'
    expect(JSON.stringify(runtime.log.facts())).toContain('ann@example.com')
    expect(JSON.stringify(runtime.log.facts())).not.toMatch(/secret|changed later/)
  })

  it('that throw stop the call with their own error, and nobody is asked', async () => {
    const error = new Error('no idea')
    const fail = () => {
      throw error
    }
    for (const requireApproval of [{ when: fail }, { when: () => Promise.reject(error) }, { preview: fail }]) {
      const { session, mail, sent } = await waitForApproval(requireApproval)
      expect(await rejection(sent)).toBe(error)
      expect(mail).not.toHaveBeenCalled()
      expect(session.pendingRequests).toEqual([])
    }
  })

  it('must show JSON [APPR-2]', async () => {
    const { sent, sessionFacts } = await waitForApproval({ preview: () => new Date(0) as never })
    expect(await rejection(sent)).toMatchObject({ field: 'requireApproval.preview()' })
    expect(sessionFacts()).toEqual(['sessions/opened'])
  })

  it.each([
    ['requireApproval', 'yes'],
    ['requireApproval.when', { when: 'always' }],
    ['requireApproval.preview', { preview: {} }],
    ['requireApproval.timeoutMs', { timeoutMs: 0 }],
    ['requireApproval.by', { by: 'ann' }],
  ])('with a bad %s are refused [APPR-1]', async (field, requireApproval) => {
    const { sent, sessionFacts } = await waitForApproval(requireApproval as never)
    expect(await rejection(sent)).toMatchObject({ code: 'invalid_argument', field })
    expect(sessionFacts()).toEqual(['sessions/opened'])
  })
})

describe('the checks around an approval', () => {
  it('deny before anybody is asked [TOOL-3]', async () => {
    const { sent, sessionFacts } = await waitForApproval(true, {
      permissions: { roles: { writer: { mode: 'full_access', deniedTools: ['mail'] } } },
    })
    expect(await rejection(sent)).toMatchObject({ code: 'permission_denied' })
    expect(sessionFacts().slice(1)).toEqual(['tools/blocked'])
  })

  it('run hooks and guardrails before anybody is asked [TOOL-3]', async () => {
    const guardrail = blocks(({ input }) => (input === 'rude' ? { allowed: false } : { allowed: true }))
    const hook = { name: 'rudify', beforeTool: () => 'rude' }
    const { sent, sessionFacts } = await waitForApproval(true, { guardrails: [guardrail], hooks: [hook] })
    expect(await rejection(sent)).toMatchObject({ code: 'guardrail_violated' })
    expect(sessionFacts().slice(1)).toEqual(['tools/blocked'])
  })

  it('show the person what hooks made of the arguments', async () => {
    const hook = { name: 'shout', beforeTool: () => ({ body: 'LOUD' }) }
    const preview = (args: unknown) => (args as { body: string }).body
    const { session, sent, decide } = await waitForApproval({ preview }, { hooks: [hook] })
    expect(session.pendingRequests).toMatchObject([{ preview: 'LOUD' }])
    decide()
    expect(await sent).toEqual({ body: 'LOUD' })
  })

  it('run guardrails again on what a person has edited, and only then [APPR-6]', async () => {
    const check = vi.fn<Guardrail['check']>(({ input }) => ({ allowed: (input as { to: string }).to !== 'mallory' }))
    const edited = await waitForApproval(true, { guardrails: [blocks(check)] })
    edited.decide({ decision: 'edited', args: { to: 'mallory' } })
    expect(await rejection(edited.sent)).toMatchObject({ code: 'guardrail_violated' })
    expect(edited.mail).not.toHaveBeenCalled()
    expect(edited.sessionFacts().slice(1)).toEqual(['approvals/requested', 'approvals/resolved', 'tools/blocked'])
    expect(check).toHaveBeenCalledTimes(2)

    check.mockClear()
    const approved = await waitForApproval(true, { guardrails: [blocks(check)] })
    approved.decide()
    await approved.sent
    expect(check).toHaveBeenCalledTimes(1)
  })

  it('hold the call against governance again once it was approved [TOOL-3]', async () => {
    const { session, mail, sent, decide, sessionFacts } = await waitForApproval(true, {
      governance: [{ limit: 'max_tool_calls', value: 1 }],
    })
    await session.runTool('lookup', () => 1)
    decide()
    expect(await rejection(sent)).toMatchObject({ code: 'governance_breach' })
    expect(mail).not.toHaveBeenCalled()
    expect(sessionFacts().slice(-2)).toEqual(['tools/blocked', 'governance/breached'])
  })
})

describe('the wait for an approval', () => {
  it('is released by the end of the session, and leaves no timer [APPR-8, APPR-9]', async () => {
    for (const end of ['cancel', 'fail', 'complete'] as const) {
      const { runtime, session, sent, mail, clock, decide } = await waitForApproval()
      await session[end]('over')
      expect(await rejection(sent)).toMatchObject({ code: end === 'cancel' ? 'cancelled' : 'session_ended' })
      expect(clock.pendingTimers).toBe(0)
      expect(session.pendingRequests).toEqual([])
      expect(session.summary().requests).toEqual([])
      expect(runtime.select.pendingRequests()).toEqual([])
      expect(() => decide({ requestId: 'request-1' })).toThrow(NoPendingRequestError)
      expect(mail).not.toHaveBeenCalled()
    }
  })

  it('is released by the signal of the call: the request is withdrawn, and the session goes on [APPR-9]', async () => {
    const controller = new AbortController()
    const { runtime, session, sent, clock, sessionFacts } = await waitForApproval(true, {}, controller.signal)
    controller.abort('enough')
    expect(await rejection(sent)).toBe('enough')
    expect(sessionFacts().slice(1)).toEqual(['approvals/requested', 'approvals/resolved'])
    expect(runtime.log.facts().at(-1)?.payload).toMatchObject({ decision: 'cancelled' })
    expect(session.pendingRequests).toEqual([])
    expect(clock.pendingTimers).toBe(0)
    expect(session.status).toBe('running')
  })

  it('is not begun by a call that was aborted while a hook looked at it', async () => {
    const gate = deferred<undefined>()
    const controller = new AbortController()
    const hook = { name: 'slow', beforeTool: () => gate.promise }
    const { sent, sessionFacts } = await waitForApproval(true, { hooks: [hook] }, controller.signal)
    controller.abort('enough')
    expect(await rejection(sent)).toBe('enough')
    gate.resolve(undefined)
    await settle()
    expect(sessionFacts()).toEqual(['sessions/opened'])
  })

  it('ends before the session does when its function has returned', async () => {
    const { orchestrator, runtime } = createTestRuntime()
    let opened: AgentSession | undefined
    const ended = orchestrator.session((session) => {
      opened = session
      session.runTool('mail', () => 1, { requireApproval: true }).catch(() => undefined)
    })
    await settle()
    expect(opened?.status).toBe('running')
    decide(runtime, opened!)
    await ended
    expect(runtime.select.summary('session-1')).toMatchObject({ status: 'completed', tools: { completed: 1 } })
  })

  it('is in the log: the state at each point of it says who waits [APPR-3, FACT-4]', async () => {
    const { runtime, session, sent, decide } = await waitForApproval()
    const waiting = session.pendingRequests
    decide()
    await sent
    const log = runtime.log.facts()
    const pendingAfter = (type: string) => {
      const count = log.findIndex((fact) => fact.type === type) + 1
      return selectorsOf(replay(log.slice(0, count)), 0).session(session.id)?.requests.pending
    }
    expect(pendingAfter('approvals/requested')).toEqual(waiting)
    expect(pendingAfter('approvals/resolved')).toEqual([])
    expect(replay(log)).toStrictEqual(runtime.getState())
  })
})
