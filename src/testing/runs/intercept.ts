import type { StepCall } from '../../../sagas/steps.js'
import type { StreamThunk } from '../../../sagas/stream.js'
import type { ToolCall, ToolThunk } from '../../../sagas/toolRequest.js'
import type { TurnCall, TurnThunk } from '../../../sagas/turnRequest.js'
import type { AgentRuntime } from '../../agentRuntime.js'
import type { EventLog } from '../../log/eventLog.js'
import type { ToolSpec } from '../../options.js'
import type { Orchestrator } from '../../orchestrator.js'
import type { AgentSession } from '../../session.js'
import { override } from './override.js'

/** A call of a user's function that the runtime is about to make: everything was checked, and it was recorded that it began. */
export type InterceptedCall = { readonly sessionId: string; readonly name: string } & (
  | { readonly kind: 'turn'; readonly call: TurnCall }
  | { readonly kind: 'tool'; readonly call: ToolCall }
  | { readonly kind: 'step'; readonly call: StepCall }
)

/** What is done instead of the calls that a runtime makes. */
export interface Interceptor {
  answer<T>(intercepted: InterceptedCall, run: (call: never) => T | PromiseLike<T>): Promise<T>
  stream<Chunk>(
    intercepted: InterceptedCall & { readonly kind: 'turn' },
    open: StreamThunk<Chunk>,
  ): AsyncIterable<Chunk>
}

/** The runtime, with every call of a user's turn, tool or step given to `interceptor`. */
export function interceptRuntime<Log extends EventLog>(
  runtime: AgentRuntime<Log>,
  interceptor: Interceptor,
): AgentRuntime<Log> {
  return override(runtime, {
    orchestrator: (options) => interceptOrchestrator(runtime.orchestrator(options), interceptor),
  })
}

function interceptOrchestrator(orchestrator: Orchestrator, interceptor: Interceptor): Orchestrator {
  return override(orchestrator, {
    session: (run, options) =>
      orchestrator.session(isFunction(run) ? (session) => run(interceptSession(session, interceptor)) : run, options),
    open: async (options) => interceptSession(await orchestrator.open(options), interceptor),
  })
}

function interceptSession(session: AgentSession, interceptor: Interceptor): AgentSession {
  const { id: sessionId } = session
  const answerTool =
    (name: string, thunk: ToolThunk<unknown>): ToolThunk<unknown> =>
    (call) =>
      interceptor.answer({ sessionId, kind: 'tool', name, call }, thunk)
  // What is not as it must be goes on to where it is refused.
  const overridden = {
    runTurn: (thunk: TurnThunk<unknown>, options?: Named) =>
      session.runTurn(
        isFunction(thunk) ? (call) => interceptor.answer({ ...turn(options), call }, thunk) : thunk,
        options,
      ),
    runTurnStream: (thunk: StreamThunk<string>, options?: Named) =>
      session.runTurnStream(
        isFunction(thunk) ? (call) => interceptor.stream({ ...turn(options), call }, thunk) : thunk,
        options,
      ),
    runTool: (tool: string, thunk: ToolThunk<unknown>, options?: object) =>
      session.runTool(tool, isFunction(thunk) ? answerTool(tool, thunk) : thunk, options),
    runTools: (specs: readonly ToolSpec[], options?: object) =>
      session.runTools(
        Array.isArray(specs)
          ? specs.map((spec: ToolSpec) => (hasRun(spec) ? { ...spec, run: answerTool(spec.name, spec.run) } : spec))
          : specs,
        options,
      ),
    step: (name: string, thunk: (call: StepCall) => unknown, options?: object) =>
      session.step(
        name,
        isFunction(thunk) ? (call) => interceptor.answer({ sessionId, kind: 'step', name, call }, thunk) : thunk,
        options,
      ),
  }
  const turn = (options: Named | undefined) => ({ sessionId, kind: 'turn', name: options?.name ?? '' }) as const
  return override(session, overridden as Partial<AgentSession>)
}

interface Named {
  readonly name?: string | undefined
}

// What JavaScript callers pass may be anything.
function isFunction(value: unknown): boolean {
  return typeof value === 'function'
}

function hasRun(spec: ToolSpec): boolean {
  return isFunction((spec as ToolSpec | null)?.run)
}
