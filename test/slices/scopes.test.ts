import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { FactDraft } from '../../slices/fact.js'
import * as facts from '../../slices/facts.js'
import { noUsage } from '../../slices/rules/tokens.js'
import { selectEvictableThreads, selectProject, selectThread } from '../../slices/scopes.js'
import { initialState, replayFact, type RuntimeState } from '../../slices/state.js'

const THREADS = ['a', 'b', 'c'] as const
const PROJECTS = [1, 2] as const

const step = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({
      op: fc.constant('open' as const),
      threadId: fc.option(fc.constantFrom(...THREADS)),
      projectId: fc.option(fc.constantFrom(...PROJECTS)),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ op: fc.constant('turn' as const), session: fc.nat(5), inputTokens: fc.nat(50) }),
  },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('end' as const), session: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('evict' as const), retained: fc.nat(2) }) },
)

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/** What the steps come to, in the plainest way. */
interface Model {
  readonly sessions: { readonly threadId: string | null; readonly projectId: number | null; ended: boolean }[]
  readonly projects: Map<number, number>
  /** In the order of their latest session. */
  readonly threads: Map<string, { tokens: number; running: number }>
  tokens: number
}

class World {
  state: RuntimeState = initialState
  readonly model: Model = { sessions: [], projects: new Map(), threads: new Map(), tokens: 0 }

  perform(given: Step): void {
    const { sessions, threads } = this.model
    if (given.op === 'open') return this.#open(given)
    if (given.op === 'evict') return this.#evict(given.retained)
    const session = sessions[given.session]
    if (!session || session.ended) return
    const sessionId = `session-${given.session + 1}`
    if (given.op === 'turn') return this.#turn(sessionId, session, given.inputTokens)
    session.ended = true
    const thread = session.threadId === null ? undefined : threads.get(session.threadId)
    if (thread) thread.running -= 1
    this.#record(facts.sessionCompleted({ sessionId }))
  }

  #open({ threadId, projectId }: Extract<Step, { op: 'open' }>): void {
    const { sessions, threads } = this.model
    sessions.push({ threadId, projectId, ended: false })
    const sessionId = `session-${sessions.length}`
    const about = { orchestratorId: 'orchestrator-1', role: 'writer', phase: 'draft' }
    this.#record(facts.sessionOpened({ sessionId, ...about, threadId, projectId, run: null, results: 'none' }))
    if (threadId === null) return
    const known = threads.get(threadId) ?? { tokens: 0, running: 0 }
    known.running += 1
    threads.delete(threadId)
    threads.set(threadId, known)
  }

  #turn(sessionId: string, { threadId, projectId }: Model['sessions'][number], inputTokens: number): void {
    const { projects, threads } = this.model
    const about = { sessionId, turnId: 'turn-1', model: 'm', price: null, metered: true, admission: null }
    this.#record(facts.turnCompleted({ ...about, usage: { ...noUsage, inputTokens } }))
    this.model.tokens += inputTokens
    if (projectId !== null) projects.set(projectId, (projects.get(projectId) ?? 0) + inputTokens)
    const thread = threadId === null ? undefined : threads.get(threadId)
    if (thread) thread.tokens += inputTokens
  }

  #evict(retained: number): void {
    const { threads } = this.model
    const atRest = [...threads].filter(([, { running }]) => running === 0).map(([threadId]) => threadId)
    const threadIds = selectEvictableThreads(this.state, retained)
    expect(threadIds).toEqual(atRest.slice(0, Math.max(0, atRest.length - retained)))
    if (threadIds.length === 0) return
    this.#record(facts.threadsEvicted({ threadIds }))
    for (const threadId of threadIds) threads.delete(threadId)
  }

  #record(draft: FactDraft<object>): void {
    const seq = this.state.seq + 1
    this.state = replayFact(this.state, { ...draft, meta: { seq, at: seq, stream: 'x', v: 1 } })
  }
}

const tokensOf = (scope: { readonly usage: readonly { readonly inputTokens: number }[] } | undefined) =>
  scope?.usage.reduce((sum, { inputTokens }) => sum + inputTokens, 0)

describe('the scopes of sessions', () => {
  it('hold what their sessions did together, until a thread is forgotten', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40, size: 'max' }), (steps) => {
        const world = new World()
        for (const one of steps) {
          world.perform(one)
          const { state, model } = world
          expect(tokensOf(state.sessions.scopes.runtime)).toBe(model.tokens)
          for (const id of PROJECTS) expect(tokensOf(selectProject(state, id)) ?? 0).toBe(model.projects.get(id) ?? 0)
          for (const id of THREADS) {
            const thread = selectThread(state, id)
            const known = model.threads.get(id)
            expect(thread && { tokens: tokensOf(thread), running: thread.running }).toEqual(known)
          }
        }
      }),
    )
  })

  it('keep nothing of a thread that is forgotten', () => {
    const world = new World()
    for (const threadId of THREADS) world.perform({ op: 'open', threadId, projectId: null })
    for (const session of THREADS.keys()) world.perform({ op: 'end', session })
    world.perform({ op: 'evict', retained: 0 })
    const { byId, atRest } = world.state.sessions.scopes.threads
    expect(byId).toMatchObject({ size: 0, buckets: { root: null } })
    expect(atRest).toMatchObject({ size: 0, ids: { root: null } })
  })
})
