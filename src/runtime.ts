import { assertArgument } from '../slices/rules/errors.js'
import { initialState, type RuntimeState } from '../slices/state.js'
import type { AgentRuntime } from './agentRuntime.js'
import { checkRuntimeOptions, type RuntimeOptions } from './config/runtime.js'
import type { EventLog } from './log/eventLog.js'
import { createMemoryLog, type MemoryLog } from './log/memory.js'
import { restore, startRuntime, warnerOf } from './startRuntime.js'
import { createOwnStore } from './store/ownStore.js'
import { ShownState } from './store/shownState.js'

/**
 * A runtime that begins with an empty log.
 *
 * @throws {InvalidArgumentError} An option does not fit, or the log has facts: `openAgentRuntime` goes on with those.
 */
export function createAgentRuntime(options?: RuntimeOptions<MemoryLog>): AgentRuntime<MemoryLog>
export function createAgentRuntime<Log extends EventLog>(options: RuntimeOptions<Log> & { log: Log }): AgentRuntime<Log>
export function createAgentRuntime(options: RuntimeOptions<EventLog> = {}): AgentRuntime {
  checkRuntimeOptions(options)
  const { log = createMemoryLog() } = options
  assertArgument(log.head() === 0, 'log', log, 'an empty log; openAgentRuntime goes on with one that has facts')
  return startRuntime({ ...options, log }, showInOwnStore(options, initialState))
}

/**
 * A runtime that goes on with what its log holds: prices, breakers, budgets, sessions and threads are as they were. What another
 * process left running is parked, until `session` takes up its thread.
 *
 * @throws {InvalidArgumentError} An option does not fit, or the log's facts are sealed and it does not come by `withHashChain`.
 * @throws {LogCorruptError | LogVersionError} The log is damaged, or of a later version.
 * @example
 * const runtime = await openAgentRuntime({ log: await openJsonlLog('runs.jsonl'), record: { results: 'json' } })
 */
export async function openAgentRuntime<Log extends EventLog>(
  options: RuntimeOptions<Log> & { readonly log: Log },
): Promise<AgentRuntime<Log>> {
  checkRuntimeOptions(options)
  const { log } = options
  assertArgument(typeof log === 'object', 'log', log, 'an event log')
  const state = await restore(options)
  return startRuntime<Log>(options, showInOwnStore(options, state))
}

function showInOwnStore(options: RuntimeOptions<EventLog>, state: RuntimeState): ShownState {
  const shown = new ShownState()
  shown.connect(createOwnStore(shown, state, options), (root) => root as RuntimeState, state, warnerOf(options))
  return shown
}
