import type { Breaker } from '../../slices/rules/breaker.js'
import { numberOf } from '../../slices/rules/ids.js'
import type { OrchestratorConfig } from '../../slices/rules/orchestratorConfig.js'
import type { PriceList } from '../../slices/rules/prices.js'
import { getRow, rows, type Table } from '../../slices/rules/table.js'
import type { RateLimit } from '../../slices/rateLimits.js'
import type { Scopes } from '../../slices/scopes.js'
import type { Session } from '../../slices/sessions.js'
import type { RuntimeState } from '../../slices/state.js'
import { compact, instant, type Readable } from './compact.js'
import { memo } from './memo.js'
import { readableScope, readableThreads } from './scopes.js'
import { readableSession } from './session.js'

/**
 * The state as a panel such as Redux DevTools reads best: sessions, threads, projects, orchestrators, prices and breakers by their
 * ids and names, without tables, and without what is empty. Parts of the state that are the same object give the same object, so
 * a fact costs what it changed and not what there is.
 *
 * It is for people: its shape may change in any version. What sessions were told or asked is in it, as it is in the state.
 */
export const readableState = memo((state: RuntimeState): Readable => {
  const { seq, sessions, orchestrators, pricing, breakers, rateLimits, providers } = state
  const { runtime, projects, threads } = sessions.scopes
  return {
    seq,
    ...compact({
      totals: readableScope(runtime, pricing),
      sessions: readableSessions(sessions.rows, pricing, orchestrators.rows),
      threads: readableThreads(threads.byId, pricing),
      projects: readableProjects(projects, pricing, orchestrators.rows),
      breakers: mapValues(breakers, readableBreaker),
      rateLimits: mapValues(rateLimits, readableRateLimit),
      providers,
      orchestrators: readableOrchestrators(orchestrators.rows),
      prices: readablePrices(pricing),
      forgotten: compact({ ...sessions.evicted, threads: threads.forgotten }),
    }),
  }
})

type Configs = Table<OrchestratorConfig>

const readableSessions = memo((sessions: Table<Session>, prices: PriceList, configs: Configs): Readable => {
  // One loop: pairs for `Object.fromEntries` cost ten times as much where there are many.
  const record: Record<string, Readable> = {}
  for (const session of rows(sessions)) {
    record[session.id] = readableSession(session, prices, configOf(session, configs))
  }
  return record
})

function configOf({ orchestratorId }: Session, configs: Configs): OrchestratorConfig | undefined {
  return orchestratorId === null ? undefined : getRow(configs, numberOf(orchestratorId))
}

/** A session has its project from its orchestrator, so those name all there are. */
const readableProjects = memo((projects: Scopes['projects'], prices: PriceList, configs: Configs): Readable => {
  const ids = new Set([...rows(configs)].map(({ projectId }) => projectId))
  return Object.fromEntries<Readable>(
    [...ids].flatMap((id) => {
      const project = id === null ? undefined : getRow(projects, id)
      return project ? [[String(id), readableScope(project, prices)] as const] : []
    }),
  )
})

/** None is ever forgotten, so the first one is `orchestrator-1`. */
const readableOrchestrators = memo((configs: Configs): Readable =>
  Object.fromEntries([...rows(configs)].map((config, index) => [`orchestrator-${index + 1}`, readableConfig(config)])),
)

const readableConfig = memo((config: OrchestratorConfig): Readable => compact(config))

/** By model: the rates in force. */
const readablePrices = memo(({ entries, current }: PriceList): Readable => {
  const prices = Object.entries(current).map(([key, id]) => {
    const { match = 'prefix', rates = {} } = entries[id] ?? {}
    return [key, { match, ...compact(rates) }] as const
  })
  return Object.fromEntries(prices)
})

const readableBreaker = memo(({ name: _, ...breaker }: Breaker): Readable => {
  const { state, failures, probes, lastFailureAt, ...settings } = breaker
  const inFlight = probes.map(({ callId }) => callId)
  return { state, failures, ...compact({ lastFailureAt: instant(lastFailureAt), probes: inFlight, ...settings }) }
})

const readableRateLimit = memo((limit: RateLimit): Readable =>
  mapValues(limit, ({ tokens, updatedAt, ...settings }) => ({ tokens, at: instant(updatedAt), ...settings })),
)

function mapValues<Value>(record: Readonly<Record<string, Value>>, read: (value: Value) => Readable): Readable {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, read(value)]))
}
