import type { Fact, FactDraft } from '../../slices/fact.js'
import { sinkFailed, type FactPayload } from '../../slices/facts.js'
import type { ErrorInfo } from '../../slices/rules/errors.js'
import { selectSession } from '../../slices/sessions.js'
import type { RuntimeState } from '../../slices/state.js'
import type { SinkItemKind } from './sink.js'

/** Something about a sink that a person should know. */
export interface SinkWarning {
  readonly code: 'sink_failed'
  readonly message: string
}

export interface SinkFailuresOptions {
  state(): RuntimeState
  record(draft: FactDraft): void
  readonly warn: (warning: SinkWarning) => void
}

/** A way of telling sinks: of one item of a kind at once, or in batches. */
export type Way = SinkItemKind | 'batch'

export interface SinkFailure {
  readonly sink: string
  /** How it was told. */
  readonly way: Way
  /** What it was told of. For a batch, the oldest of it. */
  readonly kind: SinkItemKind
  readonly error: ErrorInfo
  readonly dropped: number
  /** What it was told of, unless that was a batch. */
  readonly fact?: Fact
}

const NO_WAYS: ReadonlySet<Way> = new Set()

/** Records that sinks failed. Never throws: whoever told them is in the middle of a turn, or nobody is left to catch it. */
export class SinkFailures {
  readonly #options: SinkFailuresOptions
  /** By payload, which is the same object in the draft and in the recorded fact. */
  readonly #untold = new WeakMap<object, ReadonlySet<Way>>()

  constructor(options: SinkFailuresOptions) {
    this.#options = options
  }

  /**
   * The ways in which no sink is told of this fact: those that failed, and by that led to it. Each failure of telling of a failure
   * adds one, so they come to an end.
   */
  untoldWays(fact: Fact): ReadonlySet<Way> {
    return this.#untold.get(fact.payload as object) ?? NO_WAYS
  }

  report({ sink, way, kind, error, dropped, fact }: SinkFailure): void {
    const payload: FactPayload<typeof sinkFailed> = {
      sessionId: this.#sessionOf(fact),
      component: `${kind}_sink`,
      sink,
      error,
      dropped,
    }
    this.#untold.set(payload, new Set([...(fact ? this.untoldWays(fact) : NO_WAYS), way]))
    try {
      this.#options.record(sinkFailed(payload))
    } catch {
      this.warn(`sink '${sink}' failed, and that could not be recorded: ${nameOf(error)}`)
    }
  }

  warn(message: string): void {
    try {
      this.#options.warn({ code: 'sink_failed', message })
    } catch {
      // There is nobody else to tell.
    }
  }

  /** A promise may reject when its session has long been forgotten. */
  #sessionOf(fact: Fact | undefined): string | null {
    const { sessionId } = (fact?.payload ?? {}) as { readonly sessionId?: string | null }
    return sessionId && selectSession(this.#options.state(), sessionId) ? sessionId : null
  }
}

export function nameOf({ name, code }: ErrorInfo): string {
  return code === undefined ? name : `${name} (${code})`
}
