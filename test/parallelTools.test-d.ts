import { describe, expectTypeOf, it } from 'vitest'
import type { AgentSession, ToolSpec } from 'redux-agent-runtime'

declare const session: AgentSession

describe('parallel tools', () => {
  const lookUp = { name: 'lookUp', run: async () => ({ term: 'RAG' }) }
  const count = { name: 'count', run: () => 3, args: { of: 'words' }, idempotent: true, timeoutMs: null }

  it('return a tuple of what each one returns', () => {
    expectTypeOf(session.runTools([lookUp, count])).resolves.toEqualTypeOf<[{ term: string }, number]>()
    expectTypeOf(session.runTools([lookUp, count], { concurrency: 1 })).resolves.toEqualTypeOf<
      [{ term: string }, number]
    >()
    expectTypeOf(session.runTools([])).resolves.toEqualTypeOf<[]>()
  })

  it('return a tuple of outcomes when all of them are asked for', () => {
    expectTypeOf(session.runTools([lookUp, count], { settle: 'all' })).resolves.toEqualTypeOf<
      [PromiseSettledResult<{ term: string }>, PromiseSettledResult<number>]
    >()
  })

  it('return a list for a list', () => {
    const specs: readonly ToolSpec<string>[] = []
    expectTypeOf(session.runTools(specs)).resolves.toEqualTypeOf<string[]>()
  })

  it('take one signal for all of them', () => {
    void session.runTools([count], { signal: AbortSignal.timeout(5) })
    const { signal } = new AbortController()
    // @ts-expect-error: a call of several has none of its own
    void session.runTools([{ name: 'a', run: () => 1, signal }])
    // @ts-expect-error: no such way to settle
    void session.runTools([count], { settle: 'some' })
  })
})

describe('an approval', () => {
  it('is shown the arguments of its call', () => {
    void session.runTool('mail', () => 1, {
      args: { to: 'a@b.example' },
      requireApproval: {
        when: (args) => {
          expectTypeOf(args).toEqualTypeOf<{ to: string }>()
          return true
        },
        preview: ({ to }) => to,
      },
    })
  })
})
