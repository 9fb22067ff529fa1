import { afterEach, beforeEach, expect } from 'vitest'
import type {
  AgentRuntime,
  AgentSession,
  Fact,
  FactCreator,
  MemoryLog,
  StreamEvent,
  TurnCall,
} from '../../src/index.js'
import { settle } from '../../src/testing/index.js'
import { createTestRuntime, type TestRuntime } from './runtime.js'

/** A test runtime with an open session. */
export async function openSession(
  ...options: Parameters<typeof createTestRuntime>
): Promise<TestRuntime & { readonly session: AgentSession }> {
  const test = createTestRuntime(...options)
  return { ...test, session: await test.orchestrator.open() }
}

/** What the facts of one kind say, in order. */
export function payloadsOf<Payload>(runtime: AgentRuntime<MemoryLog>, kind: FactCreator<Payload>): readonly Payload[] {
  const facts: readonly Fact[] = runtime.log.facts()
  return facts.filter(kind.match).map(({ payload }) => payload)
}

/** What a scripted upstream does after its chunks. */
type Ending = 'end' | 'hang' | Error

export interface Upstream<Chunk> {
  /** The function of the turn. */
  readonly open: (call: TurnCall) => AsyncIterable<Chunk>
  /** One for each time that it was called. */
  readonly calls: readonly UpstreamCall[]
}

interface UpstreamCall {
  readonly attempt: number
  readonly input: unknown
  readonly signal: AbortSignal
  /** How many chunks were asked for. */
  pulled: number
  /** How often it was told to close. */
  closed: number
}

/** A model that streams these chunks, each when it is asked for, and looks at no signal. */
export function upstream<Chunk = string>(chunks: readonly Chunk[], ending: Ending = 'end'): Upstream<Chunk> {
  const calls: UpstreamCall[] = []
  return {
    calls,
    open({ attempt, input, signal }) {
      const call: UpstreamCall = { attempt, input, signal, pulled: 0, closed: 0 }
      calls.push(call)
      const next = async (): Promise<IteratorResult<Chunk>> => {
        const index = call.pulled
        call.pulled += 1
        if (index < chunks.length) return { done: false, value: chunks[index] as Chunk }
        if (ending === 'hang') return new Promise(() => undefined)
        if (ending !== 'end') throw ending
        return { done: true, value: undefined }
      }
      const close = async (): Promise<IteratorResult<Chunk>> => {
        call.closed += 1
        return { done: true, value: undefined }
      }
      return { [Symbol.asyncIterator]: () => ({ next, return: close }) }
    },
  }
}

/** Everything that a stream tells, and what it throws at last. */
export async function readAll<Chunk>(
  stream: AsyncIterable<StreamEvent<Chunk>>,
): Promise<{ readonly events: readonly StreamEvent<Chunk>[]; readonly error?: unknown }> {
  const events: StreamEvent<Chunk>[] = []
  try {
    for await (const event of stream) events.push(event)
  } catch (error) {
    return { events, error }
  }
  return { events }
}

/** Reads as many events, and leaves. */
export async function readSome<Chunk>(
  stream: AsyncIterable<StreamEvent<Chunk>>,
  count: number,
): Promise<readonly StreamEvent<Chunk>[]> {
  const events: StreamEvent<Chunk>[] = []
  for await (const event of stream) if (events.push(event) === count) break
  return events
}

export function textDelta(delta: string, chunk: unknown = delta) {
  return { type: 'text_delta', delta, chunk }
}

/** Fails every test of the file in which a promise is rejected and nobody hears of it. */
export function expectNoUnhandledRejections(): void {
  const unhandled: unknown[] = []
  const note = (reason: unknown): void => void unhandled.push(reason)
  beforeEach(() => {
    unhandled.length = 0
    process.on('unhandledRejection', note)
  })
  afterEach(async () => {
    await settle()
    process.off('unhandledRejection', note)
    expect(unhandled).toEqual([])
  })
}
