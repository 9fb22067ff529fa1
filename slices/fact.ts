/** Where and when a fact was recorded. Stamped by the log, and by nothing else. */
export interface FactMeta {
  /** Counts the facts of a runtime, from 1. */
  readonly seq: number
  /** Unix ms, from the runtime's clock. */
  readonly at: number
  /** The session's thread, or the session, or the runtime itself. */
  readonly stream: string
  /** The version of this type of fact. */
  readonly v: number
}

/** Something that happened: a Flux Standard Action that survives JSON. Only facts change state. */
export interface Fact<Payload = unknown> {
  readonly type: string
  readonly payload: Payload
  readonly meta: FactMeta
}

/** A fact that nobody has recorded yet. */
export type FactDraft<Payload = unknown> = {
  readonly type: string
  readonly payload: Payload
}

/** A kind of fact, for those who only read it. */
export interface FactKind<Payload> {
  readonly type: string
  match(action: { readonly type: string }): action is Fact<Payload>
}

export interface FactCreator<Payload> extends FactKind<Payload> {
  (payload: Payload): FactDraft<Payload>
  readonly version: number
}

/** Declares a kind of fact. Its shape is that of an RTK action creator, so `builder.addCase` and listeners take it. */
export function fact<Payload extends object>(type: string, version = 1): FactCreator<Payload> {
  const create = (payload: Payload): FactDraft<Payload> => ({ type, payload })
  return Object.assign(create, {
    type,
    version,
    match: (action: { readonly type: string }): action is Fact<Payload> => action.type === type,
    toString: () => type,
  })
}
