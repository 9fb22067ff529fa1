import type { LogPosition } from '../../slices/logErrors.js'
import type { RuntimeState } from '../../slices/state.js'
import type { Signer } from '../audit/signer.js'
import type { LogHead } from './factHash.js'

/**
 * What is wrong with a fact. In the order in which it is looked at:
 *
 * - `unreadable`: the log cannot be read there. Its store says why.
 * - `malformed`: it is not a fact.
 * - `sequence`: its number is not the next. Facts are missing, are there twice, or are in another order.
 * - `hash`: its content is not what was hashed, or it has no hash where others have.
 * - `signature`: it is not signed, or not with this key.
 * - `head`: it is another fact than the head that was kept.
 * - `version`: its type or its version is not known here.
 * - `replay`: the state has no answer to it.
 * - `stream`: it is in another stream than its session.
 * - `truncated`: the log ends before the head that was kept, or before the live state.
 * - `live_state`: the live state is another one.
 */
export type LogProblem =
  | 'unreadable'
  | 'malformed'
  | 'sequence'
  | 'hash'
  | 'signature'
  | 'head'
  | 'version'
  | 'replay'
  | 'stream'
  | 'truncated'
  | 'live_state'

/** JSON. */
export interface BadFact {
  /** The place in the log, from 1: the `seq` that this fact has, or should have. */
  readonly seq: number
  readonly problem: LogProblem
  /** In words. Quotes nothing from the log. */
  readonly detail: string
  /** Where in its file, when its store says so. */
  readonly position?: LogPosition
}

/** JSON. */
export interface LogVerification {
  readonly valid: boolean
  /** How many facts are good: all of them, or those before the first bad one. Reading ends with that. */
  readonly facts: number
  /** Of the state after the good facts. */
  readonly stateHash: string
  /** What was checked. `hashed`: every fact is sealed to those before it. `signed`: and signed with the key that was given. */
  readonly chain: 'none' | 'hashed' | 'signed'
  readonly firstBad: BadFact | null
  /** How often the time of a fact is before that of the fact before it. Clocks differ from machine to machine: no fact is bad for that. */
  readonly timeReversals: number
}

/** What is demanded of a log. */
export interface Demands {
  readonly signer: Signer | undefined
  readonly head: LogHead | undefined
}

/** What is known when the next fact is read. */
export interface Progress {
  readonly state: RuntimeState
  readonly isChained: boolean
  /** Of the last fact. */
  readonly hash: string
  readonly at: number
  readonly timeReversals: number
}

/** What is wrong, and where: by default at the next fact. */
export type Problem = Omit<BadFact, 'seq'> & { readonly seq?: number }
