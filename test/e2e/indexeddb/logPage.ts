import { openIndexedDbLog, type IndexedDbLog } from 'redux-agent-runtime/indexeddb'
import { createFact } from '../../log/facts.js'

/** What tests call in the page: one log. */
export interface LogPage {
  open(options?: { readOnly: boolean }): Promise<void>
  /** Appends a fact and waits until it is durable. */
  append(text?: string): Promise<void>
  saveSnapshot(text: string): Promise<void>
  seqs(): Promise<number[]>
  close(): Promise<void>
}

declare global {
  interface Window {
    readonly logPage: LogPage
  }
}

let log: IndexedDbLog | undefined

function opened(): IndexedDbLog {
  if (!log) throw new Error('open the log first')
  return log
}

const logPage: LogPage = {
  async open(options) {
    log = await openIndexedDbLog('runs', options)
  },
  async append(text = '') {
    const seq = opened().head() + 1
    opened().append('a', [createFact(seq, 'a', { text })])
    await opened().flush()
  },
  async saveSnapshot(text) {
    await opened().snapshots.save({ seq: opened().head(), stateVersion: '1', state: { text } as never })
  },
  async seqs() {
    const seqs: number[] = []
    for await (const { meta } of opened().read()) seqs.push(meta.seq)
    return seqs
  },
  close: () => opened().close(),
}

Object.assign(window, { logPage: tellCodes(logPage) })

/** Errors cross to the test as their messages only: these say the codes. */
function tellCodes(page: LogPage): LogPage {
  const calls = Object.entries(page as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>)
  const told = calls.map(([name, call]) => [
    name,
    (...args: unknown[]) => call(...args).catch((error: unknown) => Promise.reject(new Error(describe(error)))),
  ])
  return Object.fromEntries(told) as LogPage
}

function describe(error: unknown): string {
  const { code, name, cause } = error as { readonly code?: unknown; readonly name: string; readonly cause?: unknown }
  return `${typeof code === 'string' ? code : name}${cause ? ` because of ${describe(cause)}` : ''}`
}
