import { describe, expect, it } from 'vitest'
import { BudgetExceededError, type AgentSession, type RecordedAbout, type RecordOptions } from '../../src/index.js'
import { DRAFT } from '../support/runtime.js'
import { startProcess, type TestProcess } from './processes.js'
import { leave, never, outcomeOf, pass } from './twice.js'

const SECRET = 'sk-secret-17'

class SecretError extends Error {
  readonly detail = { token: SECRET }
}

/** Calls of every kind, with a secret in all that they return and throw. */
async function agent(session: AgentSession): Promise<unknown> {
  await session.runTurn(() => ({ text: SECRET }), { ...DRAFT, input: SECRET })
  await outcomeOf(session.runTurn(() => Promise.reject(new SecretError(SECRET))))
  await session.runTool('lookup', () => [SECRET], { args: { key: SECRET } })
  await outcomeOf(session.runTool('fails', () => Promise.reject(new SecretError(SECRET))))
  await outcomeOf(session.runTool('throws', () => Promise.reject(SECRET)))
  await session.step('query', () => SECRET)
  for await (const event of session.runTurnStream(chunks, DRAFT)) expect(event).toBeDefined()
  for await (const event of session.runTurnStream(chunks, DRAFT)) if (event.type === 'text_delta') break
  return { answer: SECRET }
}

async function* chunks() {
  yield SECRET
  yield SECRET
}

const run = <T>(process: TestProcess, fn: (session: AgentSession) => Promise<T>) =>
  process.orchestrator.session(fn, { threadId: 't' })

async function logOf(record: RecordOptions): Promise<string> {
  const process = await startProcess({ runtime: { record } })
  await run(process, agent)
  return JSON.stringify(process.runtime.log.facts())
}

function failing(): never {
  throw new Error(SECRET)
}

describe('what of results enters the log', () => {
  it('is nothing by default [DUR-29]', async () => {
    expect(await logOf({})).not.toContain(SECRET)
    expect(await logOf({ results: 'none' })).not.toContain(SECRET)
  })

  it('is all of it when it is asked for [DUR-29]', async () => {
    expect((await logOf({ results: 'json' })).split(SECRET).length).toBeGreaterThan(10)
  })

  it('is what redact() makes of it: of results, errors, their fields, and what the function returned [DUR-30]', async () => {
    const redacted = await logOf({ results: 'json', redact: () => '***' })
    expect(redacted).not.toContain(SECRET)
    const replaced = await logOf({
      results: 'json',
      redact: (value) => JSON.parse(JSON.stringify(value).replaceAll(SECRET, '***')) as typeof value,
    })
    expect(replaced).not.toContain(SECRET)
    expect(replaced).toContain('{"text":"***"}')
  })

  it('names what it is about, and shows no more than what the functions of the user made [DUR-30]', async () => {
    const seen = new Map<string, unknown>()
    const redact = (value: unknown, { kind, name }: RecordedAbout) => {
      seen.set(`${kind} ${name}`.trim(), value)
      return value as never
    }
    const process = await startProcess({ runtime: { record: { results: 'json', redact } } })
    await run(process, async (session) => {
      await session.runTurn(() => 'draft', { name: 'first' })
      await session.runTool('lookup', () => 'term')
      await session.step('query', () => 'rows')
      session.now()
      session.random()
      session.evaluateGate('strict')
      return 'end'
    })
    expect(Object.fromEntries(seen)).toEqual({
      'turn first': 'draft',
      'tool lookup': 'term',
      'step query': 'rows',
      session: 'end',
    })
  })

  it('is what a process gets that takes the thread up, clocks and waits as they were [DUR-30]', async () => {
    const first = await startProcess({ runtime: { record: { results: 'json', redact: () => '***' } } })
    const fn =
      (rest: () => unknown) =>
      async (session: AgentSession): Promise<unknown> => {
        await session.sleep(10)
        const got = [
          session.now(),
          (await session.runTurn(() => SECRET)).value,
          await outcomeOf(session.step('fails', () => Promise.reject(new SecretError(SECRET)))),
        ]
        await rest()
        return got
      }
    leave(run(first, fn(never)))
    await pass(first, 10)
    const second = await first.crash()
    await run(second, async (session) => {
      const [now, value, failed] = (await fn(() => 0)(session)) as unknown[]
      expect([now, value]).toEqual([1_010, '***'])
      expect(failed).toMatchObject({ threw: { name: 'SecretError', message: '***', detail: '***' } })
      return 0
    })
  })

  it('leaves a paid turn its usage and its id, and an error of the runtime its class and code [DUR-30]', async () => {
    const options = {
      runtime: { record: { results: 'json', redact: () => '***' } },
      orchestrator: { budgetUsd: 0.01, enforceBudget: true },
    } as const
    const first = await startProcess(options)
    const fn = (rest: () => unknown) => async (session: AgentSession) => {
      const outcome = await outcomeOf(session.runTurn(() => SECRET, DRAFT))
      await rest()
      expect(outcome).toMatchObject({
        threw: { code: 'budget_exceeded', result: { value: '***', turnId: 'turn-1', usage: { inputTokens: 5_000 } } },
      })
      expect('threw' in outcome && outcome.threw).toBeInstanceOf(BudgetExceededError)
    }
    leave(run(first, fn(never)))
    await pass(first)
    expect(JSON.stringify(first.runtime.log.facts())).not.toContain(SECRET)
    await run(
      await first.crash(),
      fn(() => 0),
    )
  })

  it.each([
    ['throws', failing],
    ['returns what is no JSON', () => new Date(0) as never],
  ] as const)('is nothing when redact() %s, and the thread says so when it is opened [DUR-31]', async (_, redact) => {
    const first = await startProcess({ runtime: { record: { results: 'json', redact } } })
    leave(
      run(first, async (session) => {
        await session.runTurn(() => SECRET, { name: 'draft' })
        await never()
      }),
    )
    await pass(first)
    expect(JSON.stringify(first.runtime.log.facts())).not.toContain(SECRET)
    expect(first.warnings).toHaveLength(1)
    expect(first.warnings[0]).toMatch(/^the result of turn 'draft' is not recorded because .*redact\(\)/)
    const second = await first.crash()
    expect(await outcomeOf(run(second, never))).toMatchObject({
      threw: { code: 'thread_not_resumable', lost: { kind: 'turn', name: 'draft' } },
    })
  })
})
