import { describe, expect, it } from 'vitest'
import type { AgentSession } from '../../src/index.js'
import * as library from '../../src/index.js'
import { hostileErrors } from '../support/hostile.js'
import { DRAFT } from '../support/runtime.js'
import { outcomeOf, askTwice, type Ask } from './twice.js'
import type { ProcessOptions } from './processes.js'

const throwing =
  (error: unknown): Ask =>
  (session) =>
    session.step('fails', () => {
      throw error
    })

class QuotaError extends Error {
  override readonly name = 'QuotaError'
  readonly retryAfterMs = 30
  readonly details = { account: 7, when: null }
  readonly socket = new Map()
}

const usage = { inputTokens: 5_000, outputTokens: 1_200 }
const twoTurns: Ask = async (session) => {
  await session.runTurn(() => 1, DRAFT)
  await session.runTurn(() => 2, DRAFT)
}
const tool: Ask = (session) => session.runTool('shell', () => 'x'.repeat(3), { args: { line: 'ls' } })
const guardrail = { name: 'no', check: () => ({ allowed: false, reason: 'never' }), stages: ['pre'] } as const

const runtimeErrors: readonly (readonly [string, Ask, ProcessOptions['orchestrator']?])[] = [
  ['BudgetExceededError', twoTurns, { budgetUsd: 0.01, enforceBudget: true }],
  ['UsageLimitExceededError', twoTurns, { usageLimits: { maxTotalTokens: 7_000 } }],
  ['MaxIterationsExceededError', twoTurns, { maxIterations: 1 }],
  ['UnpricedModelError', (s) => s.runTurn(() => 1, { model: 'x', usage }), { unpricedModels: 'refuse', budgetUsd: 1 }],
  [
    'PermissionDeniedError',
    tool,
    { permissions: { roles: { writer: { mode: 'read_only', deniedTools: ['shell'] } } } },
  ],
  ['GuardrailViolatedError', tool, { guardrails: [guardrail] }],
  ['GovernanceBreachError', twoTurns, { governance: [{ limit: 'max_iterations', value: 1 }] }],
  ['UsageUnreadableError', (s) => s.runTurn(() => 'x', { usage: () => 'much' as never })],
  ['ResultNotSerializableError', (s) => s.runTurn(() => 1n, { idempotencyKey: 'k' })],
  ['InvalidArgumentError', (s) => s.runTurn(() => 1, { idempotencyKey: 'k', input: 1n })],
]

interface Thrown {
  readonly threw: Error & { readonly result?: unknown }
}

describe('what a call threw', () => {
  for (const [name, ask, orchestrator = {}] of runtimeErrors) {
    it(`comes back as its class, with its fields: ${name} [DUR-6]`, async () => {
      const { before, after } = await askTwice(ask, { orchestrator })
      const [{ threw: first }, { threw: again }] = [before, after] as [Thrown, Thrown]
      const known = library[name as 'BudgetExceededError']
      expect(first).toBeInstanceOf(known)
      expect(again).toBeInstanceOf(known)
      expect([again.name, again.message]).toEqual([first.name, first.message])
      if (name !== 'InvalidArgumentError')
        expect(Object.entries(again)).toEqual(expect.arrayContaining(Object.entries(first)))
      if (typeof (first.result as { value?: unknown } | undefined)?.value !== 'bigint') {
        expect(again.result).toEqual(first.result)
      }
    })
  }

  it('comes back with its name, its message and those of its fields that are JSON [DUR-6]', async () => {
    const { after } = await askTwice(throwing(new QuotaError('no more')))
    const { threw: error } = after as { threw: QuotaError }
    expect(error).toBeInstanceOf(Error)
    expect([error.name, error.message, Object.fromEntries(Object.entries(error))]).toEqual([
      'QuotaError',
      'no more',
      { retryAfterMs: 30, details: { account: 7, when: null } },
    ])
    expect(Object.keys(error)).not.toContain('name')
  })

  it.each([['a word'], [7], [null], [undefined], [false], [{ code: 'no' }]])(
    'comes back though it is no error: %j [DUR-6]',
    async (thrown) => {
      const { before, after } = await askTwice(throwing(thrown))
      expect(before).toEqual({ threw: thrown })
      if (typeof thrown === 'object' && thrown !== null) expect(after).toMatchObject({ threw: thrown })
      else expect(after).toEqual({ threw: thrown })
    },
  )

  it('cancels a session as before when it says that something was aborted [DUR-6]', async () => {
    const aborted = throwing(new DOMException('stopped', 'AbortError'))
    const { after, second } = await askTwice(async (session, note, process) => {
      const outcome = await outcomeOf(aborted(session, note, process))
      await session.runTool('log', () => 1, { idempotent: true })
      return outcome
    })
    expect(after).toMatchObject({ returned: { threw: { name: 'AbortError', message: 'stopped' } } })
    expect(second.runtime.select.session('session-1')?.lifecycle.status).toBe('completed')
  })

  it.each(hostileErrors)('is thrown as it was though it is %s, and does not stop its thread', async (_, thrown) => {
    const { before, after } = await askTwice(throwing(thrown))
    expect('threw' in before && before.threw === thrown).toBe(true)
    expect(after).toHaveProperty('threw')
  })

  it('is what a turn with a failed recovery threw, with the turns it took', async () => {
    const ask: Ask = async (session: AgentSession, note) =>
      session.runTurn(({ attempt }) => {
        note(String(attempt))
        throw Object.assign(new Error('bad gateway'), { status: 502 })
      })
    const recovery = { mode: 'execute', backoff: { baseMs: 1, jitter: 'none' }, escalation: 'rethrow' } as const
    const { before, after, calls, second } = await askTwice(ask, { orchestrator: { recovery } })
    expect(before).toMatchObject({ threw: { message: 'bad gateway', status: 502 } })
    expect(after).toMatchObject({ threw: { message: 'bad gateway', status: 502 } })
    expect(new Set(calls).size).toBe(calls.length)
    expect(second.runtime.select.summary('session-1').turns).toMatchObject({ failed: 1, retried: calls.length - 1 })
  })
})
