import { createAgentRuntime, facts } from '../../../src/index.js'
import { raisable, type ErrorDescription } from '../errors.js'
import { expectEqual } from '../suite.js'

interface Input {
  readonly error: ErrorDescription
}

interface Expected {
  readonly scenario?: string
  readonly failureClass: string
}

/** The scenario is that of a turn that raises the error, the class that of a session which the error leaves. */
export async function classification({ error: description }: Input, expected: Expected) {
  const runtime = createAgentRuntime()
  const orchestrator = runtime.orchestrator({ role: 'r', phase: 'p' })
  const error = raisable(description)
  const fail = () => orchestrator.session((session) => session.runTurn(() => Promise.reject(error)))
  await fail().catch(() => undefined)
  const log = runtime.log.facts()
  const failed = log.find(facts.turnFailed.match)
  const ended = log.find(facts.sessionFailed.match)
  if (expected.scenario !== undefined) expectEqual(expected.scenario, failed?.payload.scenario, 'scenario')
  expectEqual(expected.failureClass, ended?.payload.failureClass, 'failureClass')
}
