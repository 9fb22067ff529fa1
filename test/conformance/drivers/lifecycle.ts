import { canTransition, idleLifecycle, isTerminal, transition, type LifecycleStatus } from '../../../src/index.js'
import { attempt } from '../errors.js'
import { expectEqual } from '../suite.js'

interface Input {
  readonly from?: LifecycleStatus
  readonly to?: LifecycleStatus
  readonly ops?: readonly { readonly to: LifecycleStatus; readonly detail?: string }[]
}

interface Expected {
  readonly valid?: boolean
  readonly steps?: readonly unknown[]
  readonly events?: readonly unknown[]
}

export async function lifecycle({ from, to, ops = [] }: Input, expected: Expected) {
  if (from !== undefined && to !== undefined) {
    expectEqual(expected.valid, canTransition(from, to), 'valid')
    return
  }
  let worker = idleLifecycle
  const events: unknown[] = []
  for (const [index, op] of ops.entries()) {
    const { value: moved, error } = await attempt(() => transition(worker, op.to, op.detail))
    if (moved) {
      worker = moved
      events.push({ seq: moved.seq, kind: moved.status, status: moved.status, detail: moved.detail })
    }
    const { status, lastError } = worker
    const step = {
      ...(error === undefined ? { seq: worker.seq } : { error }),
      status,
      terminal: isTerminal(status),
      lastError,
    }
    expectEqual(expected.steps?.[index], step, `steps[${index}]`)
  }
  if (expected.events) expectEqual(expected.events, events, 'events')
}
