import { describe, expect, it } from 'vitest'
import type { AgentSession, Json } from '../../src/index.js'
import { startProcess, type TestProcess } from './processes.js'
import { askTwice, leave, never, outcomeOf, pass } from './twice.js'

type Fn = (session: AgentSession) => Promise<unknown>

const run = (process: TestProcess, fn: Fn): Promise<unknown> => {
  const running = process.orchestrator.session(fn, { threadId: 't' })
  leave(running)
  return running
}

/** A process that ran a function until nothing went on, and crashed. */
async function left(fn: Fn, then: (process: TestProcess) => void = () => undefined): Promise<TestProcess> {
  const first = await startProcess()
  void run(first, fn)
  await pass(first, 100)
  then(first)
  await pass(first, 100)
  return first.crash()
}

const requests = ({ runtime }: TestProcess) => runtime.select.pendingRequests()
const typesOf = (process: TestProcess, type: string) => process.factTypes().filter((each) => each === type)

const ask: Fn = (session) => session.pauseForInput('Which tone?', { timeoutMs: 1_000 })

function decide({ runtime }: TestProcess, decision: 'approved' | 'edited' | 'rejected', args?: Json, index = 0): void {
  const request = requests({ runtime } as TestProcess)[index]!
  if (request.kind !== 'approval') throw new Error('not an approval')
  const { sessionId, requestId, fingerprint } = request
  runtime.resolveApproval(sessionId, { requestId, fingerprint, decision, ...(args === undefined ? {} : { args }) })
}

describe('a question to a person', () => {
  it('that was answered before the crash is not asked again [DUR-4]', async () => {
    const { before, after, second } = await askTwice(async (session, _, process) => {
      const answer = session.pauseForInput('Which tone?')
      await pass(process, 0)
      if (requests(process).length > 0) session.provideInput({ tone: 'dry' })
      return answer
    })
    expect([before, after]).toEqual([{ returned: { tone: 'dry' } }, { returned: { tone: 'dry' } }])
    expect(typesOf(second, 'inputs/requested')).toHaveLength(1)
  })

  it('that waits is waited for again, and as long as was left [DUR-4]', async () => {
    const second = await left(ask)
    expect(requests(second)).toMatchObject([{ requestId: 'request-1', expiresAt: 2_000 }])
    const again = run(second, ask)
    await pass(second, 799)
    expect(requests(second)).toHaveLength(1)
    second.runtime.provideInput('session-1', 'dry')
    expect(await again).toBe('dry')
    expect(typesOf(second, 'inputs/requested')).toHaveLength(1)
  })

  it('that nobody has answered in time has expired, whoever waits for it [DUR-4]', async () => {
    const second = await left(ask)
    const again = run(second, ask)
    await pass(second, 801)
    expect(await outcomeOf(again)).toMatchObject({ threw: { code: 'input_timeout', timeoutMs: 1_000 } })
  })

  it('may be answered while nobody runs its session [DUR-4]', async () => {
    const second = await left(ask)
    second.runtime.provideInput('session-1', 'dry')
    const third = await second.crash()
    expect(await run(third, ask)).toBe('dry')
    expect(requests(third)).toEqual([])
  })

  it('is not answered by the answer to another one [DUR-4]', async () => {
    const both: Fn = async (session) => [await session.pauseForInput('Tone?'), await session.pauseForInput('Length?')]
    const second = await left(both)
    second.runtime.provideInput('session-1', 'dry')
    const again = run(second, both)
    await pass(second)
    expect(requests(second)).toMatchObject([{ prompt: 'Length?', requestId: 'request-2' }])
    second.runtime.provideInput('session-1', 'short')
    expect(await again).toEqual(['dry', 'short'])
  })
})

describe('an approval', () => {
  const post =
    (thunk: (call: { readonly args: unknown }) => unknown = ({ args }) => args): Fn =>
    (session) =>
      session.runTool('post', thunk, { args: { text: 'a' }, requireApproval: true, idempotent: true })

  it('that waits is waited for again, and is not asked for twice [DUR-5]', async () => {
    const second = await left(post())
    const again = run(second, post())
    await pass(second)
    expect(requests(second)).toHaveLength(1)
    decide(second, 'approved')
    expect(await again).toEqual({ text: 'a' })
    expect(typesOf(second, 'approvals/requested')).toHaveLength(1)
  })

  it.each([
    ['approved', undefined, { returned: { text: 'a' } }],
    ['edited', { text: 'b' }, { returned: { text: 'b' } }],
    ['rejected', undefined, { threw: { code: 'approval_rejected', decision: 'rejected', tool: 'post' } }],
  ] as const)('that was %s before the tool began holds [DUR-5]', async (decision, args, expected) => {
    const second = await left(post())
    decide(second, decision, args)
    const third = await second.crash()
    expect(await outcomeOf(run(third, post()))).toMatchObject(expected)
    expect(typesOf(third, 'approvals/requested')).toHaveLength(1)
  })

  it('holds for the call that ran when its process ended [DUR-5]', async () => {
    const second = await left(post(never), (process) => decide(process, 'approved'))
    expect(await run(second, post())).toEqual({ text: 'a' })
    expect(typesOf(second, 'approvals/requested')).toHaveLength(1)
  })

  it('never holds for another call [DUR-5]', async () => {
    const second = await left(post(), (process) => decide(process, 'approved'))
    expect(await run(second, post(never))).toEqual({ text: 'a' })
    const calls: unknown[] = []
    const third = await left(
      async (session) => {
        for (const hangs of [false, true]) await post(({ args }) => (hangs ? never() : calls.push(args)))(session)
      },
      (process) => decide(process, 'approved'),
    )
    const again = run(third, async (session) => {
      for (const _ of [1, 2]) await post(({ args }) => calls.push(args))(session)
    })
    await pass(third)
    expect([calls.length, requests(third).length]).toEqual([1, 1])
    decide(third, 'approved')
    await again
    expect(calls).toHaveLength(2)
  })

  it('of one call stays when another of the same tool is answered [DUR-5]', async () => {
    const both =
      (thunk: (text: string) => unknown): Fn =>
      (session) =>
        Promise.all(
          ['a', 'b'].map((text) =>
            session.runTool('post', () => thunk(text), { args: text, requireApproval: true, idempotent: true }),
          ),
        )
    const hangsForA = both((text) => (text === 'a' ? never() : 'b!'))
    const second = await left(hangsForA, (process) => {
      decide(process, 'approved')
      decide(process, 'approved')
    })
    expect(
      await run(
        second,
        both((text) => `${text}!`),
      ),
    ).toEqual(['a!', 'b!'])
    expect(typesOf(second, 'approvals/requested')).toHaveLength(2)
  })
})
