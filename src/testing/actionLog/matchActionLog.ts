import { assertArgument } from '../../../slices/rules/errors.js'
import { isPlainObject } from '../../../slices/rules/json.js'
import { actionLog, isActionLog, type ActionLog, type ActionSource, type LoggedAction } from './actionLog.js'
import { compareFacts, partsOf, type FactPattern, type PatternParts } from '../given/factPattern.js'
import { isMatcher } from '../given/pattern.js'

/** What an action log without content has in the place of what was said. */
const WITHHELD = '[content]'

/** What sessions must have done, one after the other; or by the name of each session. */
export type ExpectedActions = readonly FactPattern[] | Readonly<Record<string, readonly FactPattern[]>>

/** As `expect.extend` of vitest and jest takes it. */
export interface ActionLogMatch {
  readonly pass: boolean
  readonly message: () => string
}

/**
 * Whether sessions did exactly this, in this order. A pattern may be the type of a fact, its creator, or a fact with a part of its
 * payload; a `sessionId` in it is not looked at.
 *
 * @throws {InvalidArgumentError} It is no action log, nor anything to make one of; or a pattern is none.
 */
export function matchActionLog(source: ActionLog | ActionSource, expected: ExpectedActions): ActionLogMatch {
  const compared = compareSessions(isActionLog(source) ? source : actionLog(source), expected)
  const pass = compared.every(({ isFine }) => isFine)
  const lines = compared.flatMap(({ name, lines }) => [...(name === null ? [] : ['', name]), ...lines])
  const hint = compared.some(({ meetsWithheld }) => meetsWithheld) ? WITHHELD_HINT : ''
  return {
    pass,
    message: () =>
      pass
        ? 'expected another action log than this'
        : `the action log is another one (- missing, + not expected, ~ different):\n${lines.join('\n')}${hint}`,
  }
}

const WITHHELD_HINT = `\n\nAn action log has ${WITHHELD} for what was said. Compare that with actionLog(runtime, { content: true })`

interface ComparedSession {
  /** `null`: of all. */
  readonly name: string | null
  readonly isFine: boolean
  /** Whether something was expected where a log without content says nothing. */
  readonly meetsWithheld: boolean
  readonly lines: readonly string[]
}

function compareSessions({ sessions }: ActionLog, expected: ExpectedActions): readonly ComparedSession[] {
  if (isList(expected))
    return [
      compare(
        null,
        sessions.flatMap(({ actions }) => actions),
        expected,
      ),
    ]
  assertArgument(isPlainObject(expected), 'expected', expected, 'a list of facts, or such lists by session')
  const actions = new Map(sessions.map(({ name, actions }) => [name, actions]))
  const names = new Set([...actions.keys(), ...Object.keys(expected)])
  return [...names].map((name) => compare(name, actions.get(name) ?? [], expected[name] ?? []))
}

// `Array.isArray` does not tell a read-only list from a record.
function isList(expected: ExpectedActions): expected is readonly FactPattern[] {
  return Array.isArray(expected)
}

function compare(
  name: string | null,
  actions: readonly LoggedAction[],
  expected: readonly FactPattern[],
): ComparedSession {
  const compared = compareFacts(actions, expected.map(withoutSession))
  return {
    name,
    isFine: compared.every(({ isFine }) => isFine),
    meetsWithheld: compared.some(({ mismatch }) => mismatch?.actual === WITHHELD),
    lines: compared.map(({ line }) => line),
  }
}

/** Actions are grouped by session, and ids of sessions say when those were opened. */
function withoutSession(pattern: FactPattern): PatternParts {
  const { type, payload, meta } = partsOf(pattern)
  assertArgument(meta === undefined, 'expected.meta', meta, 'left out: an action log has none')
  if (!payload) return { type }
  if (isMatcher(payload)) return { type, payload }
  const { sessionId: _, ...rest } = payload as Readonly<Record<string, unknown>>
  return { type, payload: rest }
}
