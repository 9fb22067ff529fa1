import { randomUUID } from 'node:crypto'
import { basename } from 'node:path'
import { createSystemClock } from '../clock.js'
import { createDevToolsEnhancer, type ConnectEnvironment, type DevToolsEnhancer } from './connect.js'
import type { ConnectDevToolsOptions } from './options.js'

/**
 * Shows a store of a Node program in the page of `redux-agent-runtime devtools`, which can jump, skip and import: reducers run again, and
 * nothing else. The program does not care whether there is a page: it may end at any time, nothing is sent while nobody looks, and
 * what was held goes on when nobody looks any more.
 *
 * @returns A store enhancer. It goes innermost: into `createAgentRuntime({ enhancers })`, or behind the default ones of `configureStore`.
 * @throws {InvalidArgumentError} An option does not fit.
 * @example
 * const runtime = createAgentRuntime({ enhancers: [connectDevTools()] })
 */
export function connectDevTools(options: ConnectDevToolsOptions = {}): DevToolsEnhancer {
  return createDevToolsEnhancer(options, thisProcess())
}

function thisProcess(): ConnectEnvironment {
  const clock = createSystemClock()
  return {
    clock: { ...clock, setTimeout: (callback, delayMs) => setTimeout(callback, delayMs).unref() },
    soon: (callback) => void setImmediate(callback).unref(),
    createId: randomUUID,
    defaultName: `${basename(process.argv[1] ?? 'node')} ${process.pid}`,
  }
}
