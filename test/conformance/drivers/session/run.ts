import type { AgentSession } from '../../../../src/index.js'
import { categoryOf } from '../../errors.js'
import { expectEqual, Mismatch, type VectorFile } from '../../suite.js'
import { contextOf } from '../policy.js'
import { levelName } from '../qualityGate.js'
import { compareSession, nonZero, observe, workersOf, type RanSession } from './outcome.js'
import { runStream } from './stream.js'
import type { Expected, Input, Step } from './vectors.js'
import { raiseIn, setUp, type World } from './world.js'

export async function session(input: Input, expected: Expected, file: VectorFile) {
  const tolerance = file['tolerance'] as number | undefined
  const world = setUp(input)
  for (const [index, given] of input.sessions.entries()) {
    const actual = await runSession(world, given)
    compareSession(expected.sessions[index], actual, input.orchestrator, `sessions[${index}]`, tolerance)
  }
  expectEqual(expected.workers, workersOf(world), 'workers')
  const records = world.usageRecords.map(({ model, usage, costUsd }) => ({ model, usage: nonZero(usage), costUsd }))
  expectEqual(expected.usageRecords, records, 'usageRecords', tolerance)
}

// --- running -------------------------------------------------------------------------------------------------------------------

async function runSession(world: World, given: Input['sessions'][number]): Promise<RanSession> {
  const steps: Record<string, unknown>[] = []
  const controller = new AbortController()
  let id = ''
  const hasClock = world.reference.rateLimiter !== undefined
  const body = async (session: AgentSession): Promise<void> => {
    id = session.id
    const run = { world, session, controller, threadId: given.threadId, paused: undefined }
    for (const step of given.steps) {
      const { actual, thrown } = await runStep(run, step)
      if (hasClock) actual['clock'] = world.clock.nowMs / 1_000
      steps.push(actual)
      if (thrown && !step.catch) throw thrown.error
    }
  }
  const options = { threadId: given.threadId, signal: controller.signal }
  const exit = await world.orchestrator.session(body, options).then(
    () => null,
    (error: unknown) => categoryOf(error, world.raised),
  )
  return { exitError: exit, steps, observed: observe(world, id) }
}

/** A session while its steps run. */
interface Run {
  readonly world: World
  readonly session: AgentSession
  readonly controller: AbortController
  readonly threadId: string | undefined
  /** What somebody waits for since `startPause`. */
  paused: Promise<unknown> | undefined
}

async function runStep(run: Run, step: Step) {
  const { world } = run
  const actual: Record<string, unknown> = {}
  const thunk = (): Promise<unknown> => {
    actual['invoked'] = true
    const { raise, hang, value } = step.outcome ?? {}
    if (hang) return new Promise(() => undefined)
    return raise ? Promise.reject(raiseIn(world, raise)) : Promise.resolve(value ?? null)
  }
  if (step.op === 'runTurn' || step.op === 'runTool') actual['invoked'] = false
  try {
    const result = await perform(run, step, thunk, actual)
    if (result !== undefined) actual['result'] = result
    return { actual }
  } catch (error) {
    if (error instanceof Mismatch) throw error
    actual['error'] = categoryOf(error, world.raised)
    actual['errorData'] = error
    return { actual, thrown: { error } }
  }
}

async function perform(
  run: Run,
  step: Step,
  thunk: () => Promise<unknown>,
  actual: Record<string, unknown>,
): Promise<unknown> {
  const { world, session, controller } = run
  switch (step.op) {
    case 'runTurn': {
      const { model, usage, timeoutSeconds } = step
      const timeoutMs = timeoutSeconds === undefined ? undefined : timeoutSeconds * 1_000
      // The reference has nothing to look a key up in without a saver and a thread.
      const isKept = world.reference.saver && run.threadId !== undefined
      const idempotencyKey = isKept && step.idempotencyKey ? step.idempotencyKey : undefined
      const result = await session.runTurn(thunk, { model, usage, timeoutMs, idempotencyKey })
      return { value: result.value, usage: nonZero(result.usage) }
    }
    case 'runTool':
      return { value: await session.runTool(step.tool ?? '', thunk) }
    case 'handoffTo': {
      const { targetRole = '', reason = '', context } = step
      const handoff = await session.handoffTo(targetRole, { reason, context })
      const { sourceRole, phase, projectId } = handoff
      return { sourceRole, targetRole: handoff.targetRole, phase, projectId }
    }
    case 'evaluateGate': {
      const outcome = session.evaluateGate(step.observed === undefined ? null : levelName(step.observed))
      return outcome ? { satisfied: outcome.satisfied } : undefined
    }
    case 'evaluatePolicy': {
      const { op: _op, catch: _catch, ...context } = step
      return session.evaluatePolicy(contextOf(context as never))
    }
    case 'authorize':
      return { allowed: session.authorize(step.tool ?? '').allowed }
    case 'complete':
      return session.complete(step.detail)
    case 'fail':
      return session.fail(step.detail ?? '', step.failureClass)
    case 'cancel':
      return session.cancel(step.detail)
    case 'raise':
      throw raiseIn(world, step.error ?? { type: 'generic' })
    case 'cancelTask':
      controller.abort()
      throw controller.signal.reason
    case 'advance':
      world.clock.nowMs += (step.seconds ?? 0) * 1_000
      return undefined
    case 'runTurnStream':
      return runStream(world, session, step, actual)
    case 'pauseForInput':
      return { value: await pause(run, step, actual) }
    case 'startPause':
      run.paused = session.pauseForInput(step.prompt ?? '')
      actual['statusWhilePaused'] = session.status
      return undefined
    case 'provideInput':
      return session.provideInput(step.value ?? '')
    case 'awaitPause':
      return { value: await run.paused }
    default:
      throw new Mismatch(`nobody knows how to ${step.op}`)
  }
}

async function pause({ session }: Run, step: Step, actual: Record<string, unknown>): Promise<unknown> {
  const { prompt = '', value = '' } = step
  const paused = session.pauseForInput(prompt)
  // It may be refused, and then nothing waits.
  const refusal = await Promise.race([paused.then(undefined, (error: unknown) => ({ error })), Promise.resolve()])
  if (refusal) throw (refusal as { error: unknown }).error
  actual['statusWhilePaused'] = session.status
  if (step.secondPause) {
    const second: unknown = await session.pauseForInput(prompt).catch((error: unknown) => error)
    actual['secondPauseError'] = categoryOf(second)
  }
  if (step.cancelSessionWhilePaused) void session.cancel('gave up')
  session.provideInput(value)
  return paused
}
