import type { SessionId } from '../slices/facts.js'
import type { Candidate } from './admission.js'
import { isPromiseLike, wait, type Saga } from './effects.js'

/** What a hook is told about the call that it is around. */
export interface HookInfo {
  readonly sessionId: SessionId
  readonly role: string
  readonly phase: string
  /** The model of a turn, the tool, or the role handed off to. */
  readonly name: string
}

/** What a handoff passes on. */
export interface HandoffDraft {
  readonly targetRole: string
  readonly reason: string
  readonly context: Readonly<Record<string, unknown>>
}

/**
 * Functions around model calls, tool calls and handoffs, any subset of them. Each sees what the one before it returned; returning
 * `undefined` leaves it as it is. A hook that throws stops the call, with its own error.
 */
export interface Hook {
  readonly name: string
  /** Sees the turn's `input`, and returns the one that the turn's function gets. */
  beforeModel?(input: unknown, info: HookInfo): unknown
  /** Sees what the turn's function returned, and returns what the caller gets. */
  afterModel?(value: unknown, info: HookInfo): unknown
  /** Sees the tool's `args`, and returns those that the tool's function gets. */
  beforeTool?(args: unknown, info: HookInfo): unknown
  /** Sees what the tool's function returned, and returns what the caller gets. */
  afterTool?(value: unknown, info: HookInfo): unknown
  /** May change where the work goes, why, and with what. */
  beforeHandoff?(handoff: HandoffDraft, info: HookInfo): HandoffDraft | undefined | Promise<HandoffDraft | undefined>
}

/** What hooks are told about a turn. */
export function hookInfo({ sessionId, model, config: { role, phase } }: Candidate): HookInfo {
  return { sessionId, role, phase, name: model ?? '' }
}

/** Whether anybody hooks in at this point. */
export function hasHook(hooks: readonly Hook[], point: HookPoint): boolean {
  return hooks.some((hook) => hook[point] !== undefined)
}

export type HookPoint = Exclude<keyof Hook, 'name'>

/** Passes a value through every hook at this point, in order. */
export function* runHooks<T>(hooks: readonly Hook[], point: HookPoint, value: T, info: HookInfo): Saga<T> {
  let current = value
  for (const hook of hooks) {
    const run = hook[point] as ((value: T, info: HookInfo) => T | undefined | Promise<T | undefined>) | undefined
    if (!run) continue
    const returned = run.call(hook, current, info)
    const next = isPromiseLike(returned) ? yield* wait(returned) : returned
    if (next !== undefined) current = next
  }
  return current
}
