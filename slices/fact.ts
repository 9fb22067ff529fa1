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
  /** Of this fact and all facts before it, where the log has a hash chain. */
  readonly hash?: string
  /** Of the hash, where the chain has a key. */
  readonly signature?: string
  /**
   * The `seq` of the fact that this one is a copy of, in the same log. A copy counts for its session and its thread; what it tells
   * of was done, and paid for, once.
   */
  readonly origin?: number
}

/** Something that happened: a Flux Standard Action that survives JSON. Only facts change state. */
export interface Fact<Payload = unknown, Type extends string = string> {
  readonly type: Type
  readonly payload: Payload
  readonly meta: FactMeta
}

/** A fact that nobody has recorded yet. */
export type FactDraft<Payload = unknown> = {
  readonly type: string
  readonly payload: Payload
}

/** A kind of fact, for those who only read it. */
export interface FactKind<Payload, Type extends string = string> {
  readonly type: Type
  match(action: { readonly type: string }): action is Fact<Payload, Type>
}

export interface FactCreator<Payload, Type extends string = string> extends FactKind<Payload, Type> {
  (payload: Payload): FactDraft<Payload>
  readonly version: number
}

/**
 * Declares a kind of fact. Its shape is that of an RTK action creator, so `builder.addCase` and listeners take it. Called twice,
 * because TypeScript infers all type arguments of a call or none: the payload is given, the type is read from its name.
 */
export function fact<Payload extends object>() {
  return <Type extends string>(type: Type, version = 1): FactCreator<Payload, Type> => {
    const create = (payload: Payload): FactDraft<Payload> => ({ type, payload })
    return Object.assign(create, {
      type,
      version,
      match: (action: { readonly type: string }): action is Fact<Payload, Type> => action.type === type,
      toString: () => type,
    })
  }
}
