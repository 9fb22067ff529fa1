import { OutcomeUnknownError, type AgentRuntime, type AgentSession, type Json } from '../../src/index.js'
import { answerTo, type Asked, type Endpoint } from './answers.js'
import type { ModelClient } from './client.js'

/** Told of a value that the agent's function has got. Whatever is told must be in the log from then on. */
type Acknowledge = (thread: string, kind: string, name: string, value: Json) => void

interface World {
  readonly client: ModelClient
  readonly acknowledge: Acknowledge
}

/** How many calls of one thread may run at the same time. */
export const PARALLEL_CALLS = 3

/** Runs a thread to its end, or on from where another process was killed. */
export async function runThread(runtime: AgentRuntime, world: World, threadId: string): Promise<Json> {
  const settings = {
    model: 'your-model',
    phase: 'work',
    rateLimit: 'provider',
    circuitBreaker: 'provider',
    budgetUsd: 5,
  }
  const researcher = runtime.orchestrator({
    ...settings,
    role: 'researcher',
    qualityGate: 'standard',
    handoffTargets: ['reviewer'],
    policy: [
      {
        name: 'advance',
        priority: 1,
        condition: { type: 'gatePassed' },
        actions: [{ action: 'advance_phase' }],
      },
    ],
  })
  const reviewer = runtime.orchestrator({ ...settings, role: 'reviewer' })
  const handoff = await researcher.session((session) => research(new Work(session, world, threadId)), { threadId })
  world.acknowledge(threadId, 'session', 'researcher', handoff as unknown as Json)
  const result = await reviewer.session((session) => review(new Work(session, world, threadId)), { threadId, handoff })
  world.acknowledge(threadId, 'session', 'reviewer', result)
  return result
}

async function research(work: Work) {
  const { session } = work
  const now = session.now()
  const random = session.random()
  const plan = await work.turn('plan', { topic: work.threadId })
  // They were recorded before the plan: they are as durable as it is.
  work.acknowledge('now', '', now)
  work.acknowledge('random', '', random)
  const found = await session.runTools(['first', 'second', 'third'].map((name) => work.lookup(name, [plan, name])))
  found.forEach((value, index) => work.acknowledge('tool', `lookup ${index}`, value))
  const paid = await Promise.all(['left', 'right'].map((name) => work.charge(name, [plan, name])))
  const branches = await Promise.all([0, 1, 2].map((index) => branch(work, index, plan)))
  const essay = await work.stream('essay', [branches, found, paid])
  const failure = await work.failingTurn('flaky', essay)
  const fetched = await session.step('fetch', ({ signal }) =>
    work.ask('step', 'fetch', essay, null, signal).then(({ text }) => text),
  )
  work.acknowledge('step', 'fetch', fetched)
  const gate = session.evaluateGate('strict')
  const actions = session.evaluatePolicy({ phaseCompleted: true })
  let section = fetched
  for (let index = 0; index < 4; index += 1) section = await work.turn(`section ${index}`, section)
  const context = { section, failure, gate, actions } as unknown as Record<string, Json>
  const handoff = await session.handoffTo('reviewer', { reason: 'written', context })
  work.acknowledge('handoff', 'reviewer', handoff as unknown as Json)
  return handoff
}

async function branch(work: Work, index: number, plan: string): Promise<string> {
  const begun = await work.turn(`branch ${index}`, plan)
  if (index === 1) await work.session.sleep(3)
  return work.turn(`branch ${index} again`, begun)
}

async function review(work: Work): Promise<Json> {
  const context = work.session.handoff?.context ?? {}
  const verdict = await work.turn('verdict', context)
  const published = await work.charge('publish', verdict)
  const [praise, blame] = await Promise.all([work.turn('praise', published), work.turn('blame', published)])
  return { context, verdict, published, praise, blame }
}

/** What one session asks for, and acknowledges as soon as it has got it. */
class Work {
  constructor(
    readonly session: AgentSession,
    readonly world: World,
    readonly threadId: string,
  ) {}

  acknowledge(kind: string, name: string, value: Json): void {
    this.world.acknowledge(this.threadId, kind, name, value)
  }

  ask(endpoint: Endpoint, name: string, input: Json, call: string | null, signal: AbortSignal) {
    const started = call === null ? null : { sessionId: this.session.id, call }
    const asked: Omit<Asked, 'life'> = { endpoint, thread: this.threadId, name, input, started }
    return this.world.client.ask(asked, signal)
  }

  async turn(name: string, input: Json): Promise<string> {
    const { value } = await this.session.runTurn((call) => this.ask('turn', name, input, call.turnId, call.signal), {
      name,
      input,
      usage: ({ usage }) => usage,
      estimate: { inputTokens: 400, outputTokens: 100 },
    })
    this.acknowledge('turn', name, value)
    return value.text
  }

  async failingTurn(name: string, input: Json): Promise<string> {
    const failure: unknown = await this.turn(name, input).catch((error: unknown) => error)
    if ((failure as { readonly status?: unknown }).status !== 503) throw failure
    const { message } = failure as Error
    this.acknowledge('turn', name, message)
    return message
  }

  async stream(name: string, input: Json): Promise<string> {
    const asked = { endpoint: 'stream', thread: this.threadId, name, input } as const
    const events = this.session.runTurnStream(
      ({ signal, turnId }) =>
        this.world.client.stream({ ...asked, started: { sessionId: this.session.id, call: turnId } }, signal),
      { name, input, text: ({ delta }) => delta, usage: ({ usage }) => usage },
    )
    let text = ''
    for await (const event of events) if (event.type === 'text_delta') text += event.delta
    this.acknowledge('turn', name, text)
    return text
  }

  lookup(name: string, args: Json) {
    return {
      name: 'lookup',
      args,
      idempotent: true,
      run: ({ signal }: { readonly signal: AbortSignal }) =>
        this.ask('tool', name, args, 'lookup', signal).then(({ text }) => text),
    }
  }

  /** Moves money. Two of them may run at the same time, under one name. */
  async charge(name: string, args: Json): Promise<string> {
    const paid = await this.session
      .runTool('charge', ({ signal }) => this.ask('charge', name, args, 'charge', signal).then(({ text }) => text), {
        args,
      })
      .catch((error: unknown) => this.#findOut(error, name, args))
    this.acknowledge('tool', name, paid)
    return paid
  }

  async #findOut(error: unknown, name: string, input: Json): Promise<string> {
    if (!(error instanceof OutcomeUnknownError)) throw error
    const { client } = this.world
    if (!(await client.hasArrived({ thread: this.threadId, name, input }))) return (await error.retry()) as string
    return error.resolve(answerTo({ name, input }).text)
  }
}
