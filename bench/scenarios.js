// @ts-check
import v8 from 'node:v8'
import vm from 'node:vm'
import { legacy_createStore } from '@reduxjs/toolkit'
import { createAgentRuntime, createMemoryLog, replay } from '../dist/src/index.js'
import { medians, microseconds } from './measure.js'

/** @typedef {{ name: string, value: number, unit: string }} Figure */

const thunk = async () => 1

/** @param {import('../dist/src/index.js').RuntimeOptions<import('../dist/src/index.js').MemoryLog>} [options] */
function setUp(options) {
  const runtime = createAgentRuntime(options)
  runtime.registerPricing('your-model', { inputPerMillion: 3, outputPerMillion: 15 })
  const orchestrator = runtime.orchestrator({ role: 'writer', phase: 'draft', maxIterations: 'unlimited' })
  return { runtime, orchestrator }
}

/** @param {import('../dist/src/index.js').AgentSession} session */
const turn = (session) => session.runTurn(thunk, { model: 'your-model', usage: { inputTokens: 5, outputTokens: 2 } })

/** A turn against the least that anybody could do: await the same function between two dispatches into a plain store. */
export async function turnAndBare() {
  const session = await setUp().orchestrator.open()
  const store = legacy_createStore((/** @type {object | undefined} */ state = {}) => state)
  // One function, so that it pays for no more awaits than it makes itself.
  const bare = () => {
    store.dispatch({ type: 'started', payload: { model: 'your-model' } })
    return thunk().then(() => store.dispatch({ type: 'completed', payload: { model: 'your-model' } }))
  }
  const values = await medians(15, {
    turn_us: () => microseconds(2_000, () => turn(session)),
    bare_us: () => microseconds(20_000, bare),
    tool_us: () => microseconds(2_000, () => session.runTool('lookup', thunk)),
  })
  return [...figures(values, 'us'), figure('turn_us / bare_us', values.turn_us / values.bare_us, 'x')]
}

/** Turn 10 against turn 10,000 of the same session. */
export async function lengthOfSession() {
  const { orchestrator } = setUp()
  let session = await orchestrator.open()
  const values = await medians(9, {
    turn_us_at_10: async () => {
      session = await orchestrator.open()
      await microseconds(9, () => turn(session))
      return microseconds(500, () => turn(session))
    },
    turn_us_at_10000: async () => {
      await microseconds(10_000 - 509, () => turn(session))
      return microseconds(500, () => turn(session))
    },
  })
  const ratio = values.turn_us_at_10000 / values.turn_us_at_10
  return [...figures(values, 'us'), figure('turn_us_at_10000 / turn_us_at_10', ratio, 'x')]
}

/** Everything that a turn can be checked against, and nothing that it runs into. */
function setUpFully() {
  const runtime = createAgentRuntime({ log: createMemoryLog({ capacity: 1_000 }) })
  runtime.registerPricing('your-model', { inputPerMillion: 3, outputPerMillion: 15 })
  return runtime.orchestrator({
    role: 'writer',
    phase: 'draft',
    projectId: 7,
    maxIterations: 'unlimited',
    budgetUsd: 1_000_000,
    enforceBudget: true,
    usageLimits: { maxTotalTokens: 1e12, maxCostUsd: 1e9 },
    governance: [
      { limit: 'max_budget_usd', value: 1e9 },
      { limit: 'max_budget_usd', value: 1e9, scope: 'thread' },
      { limit: 'max_budget_usd', value: 1e9, scope: 'project', onBreach: 'alert' },
      { limit: 'max_consecutive_failures', value: 3 },
    ],
    circuitBreaker: { name: 'api' },
    hooks: [{ name: 'look', beforeModel: (input) => input, afterModel: (value) => value }],
    guardrails: [{ name: 'look', stages: ['pre', 'post'], appliesTo: ['turn'], check: () => ({ allowed: true }) }],
  })
}

/** Turn 10 against turn 10,000 of the same session, with everything configured. */
export async function lengthOfFullSession() {
  const orchestrator = setUpFully()
  const open = () => orchestrator.open({ threadId: 'user-42' })
  let session = await open()
  const values = await medians(7, {
    full_turn_us_at_10: async () => {
      session = await open()
      await microseconds(9, () => turn(session))
      return microseconds(500, () => turn(session))
    },
    full_turn_us_at_10000: async () => {
      await microseconds(10_000 - 509, () => turn(session))
      return microseconds(500, () => turn(session))
    },
  })
  const ratio = values.full_turn_us_at_10000 / values.full_turn_us_at_10
  return [...figures(values, 'us'), figure('full_turn_us_at_10000 / full_turn_us_at_10', ratio, 'x')]
}

/** A turn of one session while many are open. */
export async function numberOfSessions() {
  const open = async (/** @type {number} */ count) => {
    const { orchestrator } = setUp({ log: createMemoryLog({ capacity: 1_000 }) })
    const sessions = []
    for (let index = 0; index < count; index += 1) sessions.push(await orchestrator.open())
    return sessions
  }
  const [one, many, most] = [await open(1), await open(10_000), await open(100_000)]
  // A stride that is prime to the number of sessions: every turn is another session's, far from the one before.
  let next = 0
  const anyTurn = (/** @type {import('../dist/src/index.js').AgentSession[]} */ sessions) => {
    next = (next + 7_919) % sessions.length
    return turn(/** @type {never} */ (sessions[next]))
  }
  const values = await medians(9, {
    turn_us_1_session: () => microseconds(4_000, () => anyTurn(one)),
    turn_us_10000_sessions: () => microseconds(4_000, () => anyTurn(many)),
    turn_us_100000_sessions: () => microseconds(4_000, () => anyTurn(most)),
  })
  const ratio = values.turn_us_100000_sessions / values.turn_us_1_session
  return [...figures(values, 'us'), figure('turn_us_100000_sessions / turn_us_1_session', ratio, 'x')]
}

/** Folding a log against parsing the same facts from JSONL, which is the least that reading a log costs. */
export async function replaySpeed() {
  const { runtime, orchestrator } = setUp()
  for (let index = 0; index < 2_000; index += 1) {
    await orchestrator.session(async (session) => {
      for (let count = 0; count < 12; count += 1) await turn(session)
      await session.runTool('lookup', thunk)
    })
  }
  const facts = runtime.log.facts()
  const lines = facts.map((fact) => JSON.stringify(fact))
  const perSecond = (/** @type {() => unknown} */ work) => async () => {
    const start = performance.now()
    work()
    return (facts.length / (performance.now() - start)) * 1_000
  }
  const values = await medians(9, {
    replay_facts_per_s: perSecond(() => replay(facts)),
    json_parse_facts_per_s: perSecond(() => lines.map((line) => JSON.parse(line))),
  })
  return figures(values, 'facts/s')
}

/** What a live session keeps in the state. Without its log, which lives elsewhere. */
export async function memory() {
  v8.setFlagsFromString('--expose-gc')
  const collect = /** @type {() => void} */ (vm.runInNewContext('gc'))
  const { runtime, orchestrator } = setUp({ log: createMemoryLog({ capacity: 1 }) })
  const count = 20_000
  collect()
  const before = process.memoryUsage().heapUsed
  for (let index = 0; index < count; index += 1) await turn(await orchestrator.open())
  collect()
  const bytes = (process.memoryUsage().heapUsed - before) / count
  if (runtime.listActive().length !== count) throw new Error('sessions are missing')
  return [figure('bytes_per_live_session', bytes, 'bytes')]
}

/**
 * @param {Record<string, number>} values
 * @param {string} unit
 * @returns {Figure[]}
 */
function figures(values, unit) {
  return Object.entries(values).map(([name, value]) => figure(name, value, unit))
}

/**
 * @param {string} name
 * @param {number} value
 * @param {string} unit
 * @returns {Figure}
 */
function figure(name, value, unit) {
  return { name, value: Number(value.toPrecision(4)), unit }
}
