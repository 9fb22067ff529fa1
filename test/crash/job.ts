import type { Json } from '../../src/index.js'

export type Store = 'jsonl' | 'sqlite'

/** What a child is started with. */
export interface Job {
  /** From 0. */
  readonly life: number
  readonly store: Store
  readonly path: string
  readonly port: number
  readonly threads: readonly string[]
  /** Where the child kills itself. `null`: nowhere. */
  readonly death: Death | null
}

/** An instant that cannot be hit from outside: just when so much has been done. */
export interface Death {
  readonly at: 'fact' | 'flush' | 'byte' | 'before_sync' | 'after_sync'
  /** From 1. */
  readonly nth: number
}

/** What a child says, one line each. */
export type Told =
  /** The agent's function has got this. */
  | {
      readonly told: 'answer'
      readonly thread: string
      readonly kind: string
      readonly name: string
      readonly value: Json
    }
  | { readonly told: 'state'; readonly seq: number; readonly hash: string }
  | { readonly told: 'warning'; readonly message: string }
  | { readonly told: 'done'; readonly results: readonly Json[] }
