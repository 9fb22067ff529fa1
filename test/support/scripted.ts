import { vi } from 'vitest'
import type { Fact, FactCreator, MemoryLog, RecoveryOptions, TurnCall } from '../../src/index.js'
import { scriptedModel } from '../../src/testing/index.js'

type Seen = Pick<TurnCall, 'attempt' | 'provider' | 'model' | 'contextScale' | 'toolScale' | 'recovery'>

/** A turn's function that ends like this, call after call: errors are thrown, anything else is returned. */
export function scripted(...outcomes: unknown[]) {
  const seen: Seen[] = []
  const script = scriptedModel<unknown>(
    outcomes.map((outcome) => (outcome instanceof Error ? { fail: outcome } : { answer: outcome })),
  )
  const turn = script.turn()
  const thunk = vi.fn((call: TurnCall): unknown => {
    const { attempt, provider, model, contextScale, toolScale, recovery } = call
    seen.push({ attempt, provider, model, contextScale, toolScale, recovery })
    return turn(call)
  })
  return Object.assign(thunk, { seen })
}

/** The same for a tool. */
export function scriptedTool(...outcomes: unknown[]) {
  const script = outcomes.values()
  return vi.fn((): unknown => play(script))
}

function play(script: Iterator<unknown>): unknown {
  const next: IteratorResult<unknown, unknown> = script.next()
  if (next.done) throw new Error('the script has no more outcomes')
  if (next.value instanceof Error) throw next.value
  return next.value
}

/** What the facts of one kind hold, in order. */
export function payloadsOf<Payload>(log: MemoryLog, kind: FactCreator<Payload>): readonly Payload[] {
  return log.facts().flatMap((fact: Fact) => (kind.match(fact) ? [fact.payload] : []))
}

/** An error as SDKs throw it for a response with this status. */
export function httpError(status: number, headers?: object): Error {
  return Object.assign(new Error(`HTTP ${status}`), { status, ...(headers && { headers }) })
}

/** Options of an orchestrator that carries recoveries out. It waits two seconds, then four. */
export function execute(more: RecoveryOptions = {}): { readonly recovery: RecoveryOptions } {
  return { recovery: { mode: 'execute', backoff: { jitter: 'none' }, ...more } }
}
