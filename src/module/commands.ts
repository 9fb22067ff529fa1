import { createAction } from '@reduxjs/toolkit'
import * as v from 'valibot'
import type { ApprovalDecision } from '../../sagas/approvals.js'
import type { Json } from '../../slices/rules/json.js'
import type { AgentRuntime } from '../agentRuntime.js'
import { nonBlank, parse, strictOptions } from '../config/schema.js'

/** A decision about one request: what `selectPendingRequests` told of it. */
interface AboutApproval extends Pick<ApprovalDecision, 'requestId' | 'fingerprint'> {
  readonly sessionId: string
  readonly reason?: string | undefined
}

/** What can be asked of a runtime by dispatching a plain action. Errors are thrown by `dispatch`. */
export type AgentCommands<Path extends string = string> = ReturnType<typeof createCommands<Path>>

/** Creators of the actions that a module's middleware carries out. JSON. */
export function createCommands<Path extends string>(reducerPath: Path) {
  const command =
    <Payload>() =>
    <const Name extends string>(name: Name) =>
      createAction<Payload, `${Path}/${Name}`>(`${reducerPath}/${name}`)
  return {
    /** Cancels a session. Does nothing to one that has ended. */
    cancelSession: command<{ readonly sessionId: string; readonly detail?: string | undefined }>()('cancelSession'),
    /** A person's answer: to the request that is named, or to the oldest of the session. */
    provideInput: command<{
      readonly sessionId: string
      readonly value: Json
      readonly requestId?: string | undefined
    }>()('provideInput'),
    /** Lets a tool call go on: with its arguments, or with `args` instead of them. */
    approveTool: command<AboutApproval & { readonly args?: Json | undefined }>()('approveTool'),
    /** The tool is not called. */
    rejectTool: command<AboutApproval>()('rejectTool'),
    /** Closes a circuit breaker, and forgets its failures. */
    resetBreaker: command<{ readonly name: string }>()('resetBreaker'),
    /** Shows the state of the log again, such as after another history was imported in DevTools. */
    goLive: createAction(`${reducerPath}/goLive` as const),
  }
}

const cancelSchema = strictOptions({ sessionId: nonBlank, detail: v.optional(nonBlank) })
const inputSchema = v.looseObject({ sessionId: nonBlank })
const breakerSchema = strictOptions({ name: nonBlank })

export type CarryOut = (runtime: AgentRuntime, payload: unknown) => void

/** What each command does, by the type of its action. */
export function commandHandlers(commands: AgentCommands): ReadonlyMap<string, CarryOut> {
  return new Map<string, CarryOut>([
    [commands.cancelSession.type, cancelSession],
    [commands.provideInput.type, provideInput],
    [commands.approveTool.type, (runtime, payload) => decide(runtime, payload, 'approved')],
    [commands.rejectTool.type, (runtime, payload) => decide(runtime, payload, 'rejected')],
    [commands.resetBreaker.type, resetBreaker],
    [commands.goLive.type, (runtime) => runtime.goLive()],
  ])
}

function cancelSession(runtime: AgentRuntime, payload: unknown): void {
  const { sessionId, detail } = parse(cancelSchema, payload, 'payload')
  runtime.cancelSession(sessionId, detail)
}

function provideInput(runtime: AgentRuntime, payload: unknown): void {
  const { sessionId } = parse(inputSchema, payload, 'payload')
  const { value, requestId } = payload as { readonly value: Json; readonly requestId?: string }
  runtime.provideInput(sessionId, value, requestId)
}

function decide(runtime: AgentRuntime, payload: unknown, decision: 'approved' | 'rejected'): void {
  const { sessionId } = parse(inputSchema, payload, 'payload')
  const { sessionId: _, reason, ...about } = payload as AboutApproval & { readonly args?: Json }
  const isEdited = decision === 'approved' && about.args !== undefined
  runtime.resolveApproval(sessionId, {
    ...about,
    ...(reason !== undefined && { reason }),
    decision: isEdited ? 'edited' : decision,
  })
}

function resetBreaker(runtime: AgentRuntime, payload: unknown): void {
  runtime.breaker(parse(breakerSchema, payload, 'payload').name).reset()
}
