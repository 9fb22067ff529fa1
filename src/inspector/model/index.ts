export { createRun, RunBuilder, type Run } from './run.js'
export { listThreads, type SessionEntry, type ThreadEntry } from './sessions.js'
export type { BudgetPoint, SessionHistory } from './sessionHistory.js'
export { waterfallOf, type Waterfall } from './waterfall.js'
export type { Span, SpanKind, SpanStatus } from './span.js'
export { costOf, costUntil } from './cost.js'
export type { CostSeries } from './spending.js'
export { budgetOf, type BudgetExceeded, type BudgetLane } from './budget.js'
export type { BreakerInterval, BreakerLane } from './breakers.js'
export { changesAt, sessionAt, type StateChange } from './changes.js'
export { compareRuns, type ComparedFact, type ComparedRow, type Comparison } from './compare.js'
export { askWhatIf } from './whatIf.js'
export {
  createClient,
  InspectorError,
  tokenOf,
  type ClientOptions,
  type InspectorClient,
  type ServedLog,
} from './client.js'
export { statisticsOf } from './statistics.js'
