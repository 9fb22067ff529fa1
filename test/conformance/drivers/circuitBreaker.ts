import { createAgentRuntime, CircuitOpenError } from '../../../src/index.js'
import { createManualClock, settle } from '../../../src/testing/index.js'
import { deferred } from '../../support/runtime.js'
import { expectEqual } from '../suite.js'

interface Input {
  readonly config: {
    readonly failureThreshold?: number
    readonly recoveryTimeoutSeconds?: number
    readonly halfOpenMaxProbes?: number
  }
  readonly ops: readonly Op[]
}

type Outcome = 'ok' | 'fail' | 'cancel'

type Op =
  | { readonly op: 'advance'; readonly seconds: number }
  | { readonly op: 'call'; readonly outcome: Outcome }
  | { readonly op: 'begin'; readonly id: number }
  | { readonly op: 'finish'; readonly id: number; readonly outcome: Outcome }
  | { readonly op: 'recordSuccess' | 'recordFailure' | 'reset' }

interface Expected {
  readonly steps: readonly (readonly [admitted: boolean | null, state: string, failures: number, probes: number])[]
}

/** Calls are turns of a session whose functions finish when the vector says so. */
export async function circuitBreaker({ config, ops }: Input, { steps }: Expected) {
  const { breaker, clock, calls } = await setUp(config)
  for (const [index, op] of ops.entries()) {
    let admitted: boolean | null = null
    switch (op.op) {
      case 'advance':
        await clock.advance(op.seconds * 1_000)
        break
      case 'begin':
        admitted = await calls.begin(op.id)
        break
      case 'finish':
        await calls.finish(op.id, op.outcome)
        break
      case 'call':
        admitted = await calls.begin(-1)
        if (admitted) await calls.finish(-1, op.outcome)
        break
      default:
        breaker[op.op]()
    }
    const { state, failures, probesInFlight } = breaker.view()
    expectEqual(steps[index], [admitted, state, failures, probesInFlight], `steps[${index}]`)
  }
}

async function setUp(config: Input['config']) {
  const clock = createManualClock()
  const runtime = createAgentRuntime({ clock })
  const breaker = runtime.configureBreaker({
    name: 'b',
    failureThreshold: config.failureThreshold,
    recoveryTimeoutMs: config.recoveryTimeoutSeconds === undefined ? undefined : config.recoveryTimeoutSeconds * 1_000,
    halfOpenMaxProbes: config.halfOpenMaxProbes,
  })
  const session = await runtime
    .orchestrator({ role: 'r', phase: 'p', circuitBreaker: 'b', maxIterations: 'unlimited' })
    .open()
  const inFlight = new Map<number, { readonly finish: (outcome: Outcome) => void; readonly done: Promise<unknown> }>()
  const calls = {
    async begin(id: number): Promise<boolean> {
      const controller = new AbortController()
      const answer = deferred()
      const seen = { refusal: false }
      const turn = session.runTurn(() => answer.promise, { signal: controller.signal })
      const done = turn.catch((error: unknown) => (seen.refusal = error instanceof CircuitOpenError))
      await settle()
      if (seen.refusal) return false
      const finish = (outcome: Outcome): void => {
        if (outcome === 'ok') answer.resolve(null)
        else if (outcome === 'fail') answer.reject(new Error('boom'))
        else controller.abort()
      }
      inFlight.set(id, { finish, done })
      return true
    },
    async finish(id: number, outcome: Outcome): Promise<void> {
      const call = inFlight.get(id)
      call?.finish(outcome)
      await call?.done
    },
  }
  return { breaker, clock, calls }
}
