// @ts-check
import { copyFile, mkdtemp, open as openFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAgentRuntime, createMemoryLog, openAgentRuntime } from '../dist/src/index.js'
import { openJsonlLog } from '../dist/src/jsonl/index.js'
import { openSqliteLog } from '../dist/src/sqlite/index.js'
import { medians } from './measure.js'

/** @typedef {import('./scenarios.js').Figure} Figure */
/** @typedef {import('../dist/src/index.js').Fact} Fact */
/** @typedef {import('../dist/src/index.js').EventLog} EventLog */

const PRICE = { inputPerMillion: 3, outputPerMillion: 15 }
const TURN = { model: 'your-model', usage: { inputTokens: 5, outputTokens: 2 } }
const SESSIONS = [1, 64]
const COMMITS = 40

/** @param {(folder: string) => Promise<Figure[]>} work */
async function inFolder(work) {
  const folder = await mkdtemp(join(tmpdir(), 'redux-agent-runtime-bench-'))
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}

/**
 * A fact made durable, when so many sessions append one each and wait for it: the store against the least that anybody could do, the
 * same JSON written by the driver itself.
 */
export function appends() {
  return inFolder(async (folder) => {
    const stores = {
      memory: () => ({ store: memoryStore(), raw: arrayStore() }),
      jsonl: (/** @type {string} */ path) => ({ store: logStore(openJsonlLog(path)), raw: fileStore(`${path}.raw`) }),
      ...((await import('node:sqlite').catch(() => null)) && {
        sqlite: (/** @type {string} */ path) => ({
          store: logStore(openSqliteLog(path)),
          raw: tableStore(`${path}.raw`),
        }),
      }),
    }
    const result = []
    for (const [name, create] of Object.entries(stores)) {
      for (const sessions of SESSIONS)
        result.push(...(await compare(name, sessions, create(join(folder, `${name}${sessions}`)))))
    }
    if (!('sqlite' in stores)) console.error('append_us_sqlite: this Node has no node:sqlite')
    return result
  })
}

/**
 * @param {string} name
 * @param {number} sessions
 * @param {{ store: Promise<Store>, raw: Promise<Store> }} opening
 */
async function compare(name, sessions, opening) {
  const [store, raw] = [await opening.store, await opening.raw]
  const values = await medians(7, {
    store: () => appendAll(store, sessions),
    raw: () => appendAll(raw, sessions),
  })
  await store.close()
  await raw.close()
  const measure = `append_us_${name}_${sessions}_sessions`
  return [
    figure(measure, values.store, 'us'),
    figure(`${measure}_raw`, values.raw, 'us'),
    figure(`${measure} / raw`, values.store / values.raw, 'x'),
  ]
}

/** @typedef {{ seq: number, append(fact: Fact): Promise<void> | void, close(): unknown }} Store */

/** @param {Store} store @param {number} sessions */
async function appendAll(store, sessions) {
  const start = performance.now()
  for (let commit = 0; commit < COMMITS; commit += 1) {
    await Promise.all(Array.from({ length: sessions }, () => store.append(nextFact(store))))
  }
  return ((performance.now() - start) * 1_000) / (COMMITS * sessions)
}

/** @param {Store} store @returns {Fact} */
function nextFact(store) {
  store.seq += 1
  const usage = { inputTokens: 5_000, outputTokens: 1_200, cacheReadTokens: 0, cacheWrite5mTokens: 0, toolCalls: 0 }
  const payload = {
    sessionId: 'session-1',
    turnId: `turn-${store.seq}`,
    model: 'your-model',
    price: 0,
    usage,
    metered: true,
  }
  return {
    type: 'turns/completed',
    payload,
    meta: { seq: store.seq, at: 1_700_000_000_000, stream: '@session-1', v: 1 },
  }
}

/** @param {Promise<EventLog>} opening @returns {Promise<Store>} */
async function logStore(opening) {
  const log = await opening
  return {
    seq: 0,
    append(fact) {
      log.append(fact.meta.stream, [fact])
      return log.flush()
    },
    close: () => log.close(),
  }
}

const memoryStore = () => logStore(Promise.resolve(createMemoryLog()))

/** @returns {Promise<Store>} */
async function arrayStore() {
  /** @type {Fact[]} */
  const facts = []
  return { seq: 0, append: (fact) => void facts.push(fact), close: () => undefined }
}

/**
 * What is appended in one turn of the event loop is written together.
 *
 * @param {(facts: Fact[]) => Promise<void> | void} write
 */
function grouped(write) {
  /** @type {Fact[]} */
  let pending = []
  /** @type {Promise<void> | undefined} */
  let next
  return (/** @type {Fact} */ fact) => {
    pending.push(fact)
    return (next ??= new Promise((resolve) => setImmediate(resolve)).then(() => {
      const facts = pending
      pending = []
      next = undefined
      return write(facts)
    }))
  }
}

/** @param {string} path @returns {Promise<Store>} */
async function fileStore(path) {
  const file = await openFile(path, 'a')
  const append = grouped(async (facts) => {
    await file.write(facts.map((fact) => `${JSON.stringify(fact)}\n`).join(''))
    await file.datasync()
  })
  return { seq: 0, append, close: () => file.close() }
}

/** @param {string} path @returns {Promise<Store>} */
async function tableStore(path) {
  const { DatabaseSync } = await import('node:sqlite')
  const database = new DatabaseSync(path)
  database.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE facts (seq INTEGER PRIMARY KEY, stream TEXT, fact TEXT)',
  )
  const insert = database.prepare('INSERT INTO facts VALUES (?, ?, ?)')
  const append = grouped((facts) => {
    database.exec('BEGIN IMMEDIATE')
    for (const fact of facts) insert.run(fact.meta.seq, fact.meta.stream, JSON.stringify(fact))
    database.exec('COMMIT')
  })
  return { seq: 0, append, close: () => database.close() }
}

/** Taking up a thread of ten thousand facts whose last turn was in flight: opening the log, and answering from it. */
export function resuming() {
  return inFolder(async (folder) => {
    const turns = 3_330
    const path = join(folder, 'killed.jsonl')
    const killed = await openAgentRuntime({ log: await openJsonlLog(path), record: { results: 'json' } })
    const hanging = new Promise(() => undefined)
    /** @param {import('../dist/src/index.js').AgentRuntime} runtime @param {() => unknown} last */
    const run = (runtime, last) => {
      runtime.registerPricing('your-model', PRICE)
      const orchestrator = runtime.orchestrator({ role: 'writer', phase: 'draft', maxIterations: 'unlimited' })
      return orchestrator.session(
        async (session) => {
          for (let turn = 1; turn < turns; turn += 1)
            await session.runTurn(async () => 'an answer', { ...TURN, input: turn })
          return session.runTurn(last, { ...TURN, input: turns })
        },
        { threadId: 'essay' },
      )
    }
    await new Promise((resolve) => {
      void run(killed, () => {
        resolve(undefined)
        return hanging
      })
    })
    await killed.log.flush()
    let round = 0
    const values = await medians(5, {
      resume_ms_10000_facts: async () => {
        const copy = join(folder, `copy-${(round += 1)}.jsonl`)
        await copyFile(path, copy)
        const start = performance.now()
        const runtime = await openAgentRuntime({ log: await openJsonlLog(copy), record: { results: 'json' } })
        await run(runtime, async () => 'the last one')
        const elapsed = performance.now() - start
        await runtime.close()
        return elapsed
      },
    })
    return [figure('resume_ms_10000_facts', values.resume_ms_10000_facts, 'ms')]
  })
}

/** Opening a log of a million facts, with a snapshot of its head and without. */
export function opening() {
  return inFolder(async (folder) => {
    const path = join(folder, 'million.jsonl')
    const log = await openJsonlLog(path)
    const runtime = createAgentRuntime({ log })
    runtime.registerPricing('your-model', PRICE)
    const orchestrator = runtime.orchestrator({ role: 'writer', phase: 'draft', maxIterations: 'unlimited' })
    const inParallel = Array.from({ length: 100 }, async () => {
      while (log.head() < 1_000_000) {
        await orchestrator.session(async (session) => {
          for (let turn = 0; turn < 20; turn += 1) await session.runTurn(async () => 1, TURN)
        })
      }
    })
    await Promise.all(inParallel)
    await runtime.close()
    const open = async () => {
      const start = performance.now()
      const opened = await openAgentRuntime({ log: await openJsonlLog(path) })
      const elapsed = performance.now() - start
      await opened.close()
      return elapsed
    }
    const withSnapshot = await open()
    await rm(`${path}.snapshot`)
    const without = await open()
    return [
      figure('open_ms_1000000_facts', without, 'ms'),
      figure('open_ms_1000000_facts_snapshot', withSnapshot, 'ms'),
    ]
  })
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
