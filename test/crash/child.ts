import { readFileSync, writeSync } from 'node:fs'
import { openAgentRuntime, stateHash, type EventLog, type Json, type RuntimeState } from '../../src/index.js'
import { nodeDisk } from '../../src/jsonl/disk.js'
import { openLog } from '../../src/jsonl/open.js'
import { openSqliteLog } from '../../src/sqlite/index.js'
import { runThread } from './agent.js'
import { ModelClient } from './client.js'
import { dyingDisk, dyingLog } from './dying.js'
import type { Job, Told } from './job.js'

/*
 * What is killed: a process that opens the log and runs its threads to their end.
 */

// Written at once: what was told must not be lost with the process.
const tell = (told: Told): void => void writeSync(1, `${JSON.stringify(told)}\n`)

// A child is started before it is needed, and waits for its job.
const job = JSON.parse(readFileSync(0, 'utf8')) as Job
const log = await open(job)
const runtime = await openAgentRuntime({ log, record: { results: 'json' }, onWarning: complain })
runtime.registerPricing('your-model', { inputPerMillion: 3, outputPerMillion: 15 })
runtime.configureBreaker({ name: 'provider', failureThreshold: 50 })
runtime.configureRateLimit({ name: 'provider', requests: { capacity: 1e6, refillPerSecond: 1e6 } })
await tellState(runtime.getState())
const leaving = new AbortController()
process.on('SIGTERM', () => void leave())
const world = {
  client: new ModelClient(job.port, job.life),
  acknowledge: (thread: string, kind: string, name: string, value: Json) =>
    tell({ told: 'answer', thread, kind, name, value }),
}
try {
  const results = await Promise.all(job.threads.map((thread) => runThread(runtime, world, thread)))
  await tellState(runtime.getState())
  tell({ told: 'done', results })
} catch (error) {
  // What was parked, or not opened any more.
  if (!leaving.signal.aborted) throw error
}
await leave()

async function leave(): Promise<void> {
  leaving.abort()
  await runtime.close()
  process.exit(0)
}

async function open({ store, path, death }: Job): Promise<EventLog> {
  const opened = store === 'sqlite' ? await openSqliteLog(path) : await openLog(dyingDisk(nodeDisk, path, death), path)
  return dyingLog(opened, death)
}

async function tellState(state: RuntimeState): Promise<void> {
  tell({ told: 'state', seq: state.seq, hash: await stateHash(state) })
}

function complain({ message }: { readonly message: string }): void {
  tell({ told: 'warning', message })
}
