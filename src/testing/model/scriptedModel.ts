import type { Clock } from '../../../sagas/clock.js'
import type { StreamThunk } from '../../../sagas/stream.js'
import type { TurnCall, TurnThunk } from '../../../sagas/turnRequest.js'
import { assertArgument, InvalidArgumentError } from '../../../slices/rules/errors.js'
import type { ModelCall, ScriptStep } from './modelSteps.js'
import { CLOCK, play, playStream, type Played } from './playStep.js'
import { Script } from './script.js'

export interface ScriptedModelOptions {
  /** For steps that take time. Default: none. */
  readonly clock?: Clock | undefined
  /** Which of several scripts answers a turn. Default: the one that is called as the turn's model. */
  readonly by?: ((call: TurnCall) => string) | undefined
}

export interface AskOptions {
  /** Ends what the model waits for. */
  readonly signal?: AbortSignal | undefined
}

/** A model that does what it is told, step by step. */
export interface ScriptedModel<T> {
  /** The function of a turn. It reports the usage of its step. */
  turn(prompt?: unknown): TurnThunk<T>
  /** The function of a turn that streams. */
  stream(prompt?: unknown): StreamThunk<T>
  /** Called as an SDK is, by code that brings the function of the turn itself. Usage is not reported: answers hold it. */
  ask(prompt?: unknown, options?: AskOptions): Promise<T>
  /** The same for a stream. */
  askStream(prompt?: unknown, options?: AskOptions): AsyncIterable<T>
  /** What it was asked, in order. */
  readonly calls: readonly ModelCall[]
  /**
   * @throws {ScriptNotDoneError} Steps are left.
   * @throws {ScriptEndedError} It was called after its last step.
   */
  assertDone(): void
}

/** Several scripts, told apart by name: agents that run at the same time get their own answers, however they overlap. */
export interface ScriptedModels<T, Name extends string> extends ScriptedModel<T> {
  /** The model that answers by one of them. */
  as(name: Name): ScriptedModel<T>
}

/**
 * A model for tests: each call takes the next step of its script.
 *
 * @throws {InvalidArgumentError} A step is none, or takes time and there is no clock.
 * @example
 * const model = scriptedModel([{ fail: 'rate_limit', retryAfterMs: 2_000 }, { answer: 'A haiku.', usage: { outputTokens: 12 } }])
 * await session.runTurn(model.turn('Write a haiku.'))
 * model.assertDone()
 * @example
 * const models = scriptedModel({ writer: [{ answer: 'A draft.' }], editor: [{ chunks: ['A ', 'text.'] }] })
 * await session.runTurn(models.as('writer').turn('Write.'))
 */
export function scriptedModel<T = string>(
  steps: readonly ScriptStep<T>[],
  options?: ScriptedModelOptions,
): ScriptedModel<T>
export function scriptedModel<T = string, Name extends string = string>(
  scripts: Readonly<Record<Name, readonly ScriptStep<T>[]>>,
  options?: ScriptedModelOptions,
): ScriptedModels<T, Name>
export function scriptedModel<T>(
  given: readonly ScriptStep<T>[] | Readonly<Record<string, readonly ScriptStep<T>[]>>,
  { clock, by = ({ model }) => model ?? '' }: ScriptedModelOptions = {},
): ScriptedModels<T, string> {
  const scripts = readScripts(given)
  if (!clock && [...scripts.values()].some(({ takesTime }) => takesTime))
    throw new InvalidArgumentError('clock', clock, CLOCK)
  const calls: ModelCall[] = []

  function modelOf(scriptFor: (turn: TurnCall | null) => Script<T>): Omit<ScriptedModel<T>, 'calls' | 'assertDone'> {
    const next = (prompt: unknown, streamed: boolean, turn: TurnCall | null): Played<T> => {
      const script = scriptFor(turn)
      const call = callOf(script.name, prompt, streamed, turn)
      calls.push(call)
      return { step: script.next(call), call, clock }
    }
    return {
      turn: (prompt) => async (turn) => play(next(prompt, false, turn), turn),
      stream: (prompt) => (turn) => playStream(next(prompt, true, turn), turn),
      ask: async (prompt, caller = {}) => play(next(prompt, false, null), caller),
      askStream: (prompt, caller = {}) => playStream(next(prompt, true, null), caller),
    }
  }

  function named(name: string | null): Script<T> {
    const script = scripts.get(name)
    if (!script) throw new InvalidArgumentError('script', name, `one of ${[...scripts.keys()].join(', ')}`)
    return script
  }

  const sole = scripts.get(null)
  return {
    ...modelOf((turn) => sole ?? named(turn && by(turn))),
    calls,
    assertDone() {
      for (const script of scripts.values()) script.assertDone()
    },
    as(name) {
      const script = named(name)
      return { ...modelOf(() => script), calls: script.calls, assertDone: () => script.assertDone() }
    },
  }
}

function readScripts<T>(given: readonly ScriptStep<T>[] | Readonly<Record<string, readonly ScriptStep<T>[]>>) {
  assertArgument(typeof given === 'object', 'steps', given, 'a list of steps, or such lists by name')
  if (isList(given)) return new Map<string | null, Script<T>>([[null, new Script(null, given)]])
  return new Map<string | null, Script<T>>(
    Object.entries(given).map(([name, steps]) => [name, new Script(name, steps)]),
  )
}

// `Array.isArray` does not tell a read-only list from a record.
function isList<T>(given: readonly T[] | Readonly<Record<string, readonly T[]>>): given is readonly T[] {
  return Array.isArray(given)
}

function callOf(script: string | null, prompt: unknown, streamed: boolean, turn: TurnCall | null): ModelCall {
  return {
    script,
    prompt: prompt ?? turn?.input,
    streamed,
    sessionId: turn?.sessionId ?? null,
    turnId: turn?.turnId ?? null,
    model: turn?.model ?? null,
    provider: turn?.provider ?? null,
    attempt: turn?.attempt ?? 1,
    contextScale: turn?.contextScale ?? 1,
    toolScale: turn?.toolScale ?? 1,
  }
}
