import { expect, it } from 'vitest'
import { hostileErrors } from './support/hostile.js'
import { createTestRuntime } from './support/runtime.js'

const reject = (error: unknown) => () => Promise.reject(error)

/** A promise cannot hand these over: it would look at them. */
const throwsJust = (error: unknown, promise: Promise<unknown>): Promise<boolean> =>
  promise.then(
    () => false,
    (thrown: unknown) => thrown === error,
  )

it.each(hostileErrors)('a turn, a tool and a session that throw %s end, and throw just that', async (_, error) => {
  const { orchestrator, runtime, sessionFacts } = createTestRuntime()
  const session = await orchestrator.open()
  expect(await throwsJust(error, session.runTurn(reject(error)))).toBe(true)
  expect(await throwsJust(error, session.runTool('tool', reject(error)))).toBe(true)
  expect(sessionFacts()).toEqual(expect.arrayContaining(['turns/failed', 'tools/failed']))
  expect(await throwsJust(error, orchestrator.session(reject(error)))).toBe(true)
  expect(runtime.select.session('session-2')?.lifecycle.status).toBe('failed')
})

it.each(hostileErrors)('a guardrail and a hook that throw %s block the turn, and throw just that', async (_, error) => {
  for (const options of [
    { guardrails: [{ name: 'g', stages: ['pre'], appliesTo: ['turn'], check: reject(error) }] as const },
    { guardrails: [{ name: 'g', stages: ['post'], appliesTo: ['turn'], check: reject(error) }] as const },
    { hooks: [{ name: 'h', beforeModel: reject(error) }] },
    { hooks: [{ name: 'h', afterModel: reject(error) }] },
  ]) {
    const session = await createTestRuntime(options).orchestrator.open()
    expect(
      await throwsJust(
        error,
        session.runTurn(() => 'a'),
      ),
    ).toBe(true)
  }
})
