import type { ParallelCalls } from '../sagas/parallel.js'
import type { ToolRequest, ToolThunk } from '../sagas/toolRequest.js'
import { assertArgument, InvalidArgumentError } from '../slices/rules/errors.js'
import { parseApproval } from './config/people.js'
import { flag, nonBlank, oneOf, parse, positiveCount } from './config/schema.js'
import {
  assertKnown,
  parseSignal,
  parseTimeout,
  type ToolOptions,
  type ToolsOptions,
  type ToolSpec,
} from './options.js'

/** A tool call, as far as its caller says. */
export type AskedTool<T> = Omit<ToolRequest<T>, 'sessionId' | 'functions'>

const SPEC_OPTIONS: readonly (keyof ToolOptions)[] = ['args', 'timeoutMs', 'idempotent', 'requireApproval']
const TOOL_OPTIONS: readonly (keyof ToolOptions)[] = [...SPEC_OPTIONS, 'signal']
const TOOLS_OPTIONS: readonly (keyof ToolsOptions)[] = ['concurrency', 'timeoutMs', 'settle', 'signal']

/** What is given to `runTool`. */
export function parseTool<T>(tool: string, thunk: ToolThunk<T>, options: ToolOptions): AskedTool<T> {
  assertArgument(typeof thunk === 'function', 'thunk', thunk, 'a function')
  assertKnown(options, TOOL_OPTIONS)
  return askedTool(parse(nonBlank, tool, 'tool'), thunk, options)
}

/** What is given to `runTools`. Nothing runs unless all of it fits. */
export function parseTools(
  specs: readonly ToolSpec[],
  options: ToolsOptions<'first_failure' | 'all'>,
): ParallelCalls<AskedTool<unknown>> {
  assertKnown(options, TOOLS_OPTIONS)
  assertArgument(Array.isArray(specs), 'specs', specs, 'a list of tool calls')
  const timeoutMs = parseTimeout(options.timeoutMs)
  const signal = parseSignal(options.signal)
  return {
    calls: specs.map((spec, index) => parseSpec(spec, timeoutMs, `specs[${index}]`)),
    concurrency:
      options.concurrency === undefined ? Infinity : parse(positiveCount, options.concurrency, 'concurrency'),
    settle: parse(oneOf(['first_failure', 'all']), options.settle ?? 'first_failure', 'settle'),
    signal,
  }
}

/** @param timeoutMs - For calls that have no limit of their own. */
function parseSpec(spec: ToolSpec, timeoutMs: number | null | undefined, at: string): AskedTool<unknown> {
  assertArgument(isObject(spec), at, spec, 'an object with a name and a function to run')
  return inside(at, () => {
    const { name, run, ...options } = spec
    assertArgument(typeof run === 'function', 'run', run, 'a function')
    assertKnown<ToolOptions>(options, SPEC_OPTIONS)
    const limited = options.timeoutMs === undefined ? { ...options, timeoutMs } : options
    return askedTool(parse(nonBlank, name, 'name'), run, limited)
  })
}

function askedTool<T>(tool: string, thunk: ToolThunk<T>, options: ToolOptions): AskedTool<T> {
  return {
    tool,
    thunk,
    args: options.args,
    timeoutMs: parseTimeout(options.timeoutMs),
    signal: parseSignal(options.signal),
    idempotent: parse(flag, options.idempotent ?? false, 'idempotent'),
    approval: parseApproval(options.requireApproval),
  }
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}

/** Names fields by where they are: `specs[1].timeoutMs`. */
function inside<T>(at: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error
    throw new InvalidArgumentError(`${at}.${error.field}`, error.value, error.expected)
  }
}
