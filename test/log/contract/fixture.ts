import type { EventLog } from '../../../src/index.js'

/** Why a store does without something. */
export interface Lack {
  readonly lacks: string
}

/** A capability, or why a store has none. */
export type Able<Capability> = Capability | Lack

/** How the suite gets at a kind of store. A `Place` is where one log is: a path, a database, nothing at all. */
export interface EventLogFixture<Place> {
  /** A place of its own for each test. No log is there yet. */
  createPlace(): Place | Promise<Place>
  /** Called when the logs of the place are closed. */
  removePlace(place: Place): void | Promise<void>
  /** Makes a log where there is none. */
  open(place: Place): EventLog | Promise<EventLog>
  /** Opens the log that is there, when the one before was closed. */
  readonly reopen: Able<(place: Place) => EventLog | Promise<EventLog>>
  readonly openReadOnly: Able<(place: Place) => EventLog | Promise<EventLog>>
  /** Opens a log while another one of the same place is open. It may be refused. */
  readonly openSecond: Able<(place: Place) => EventLog | Promise<EventLog>>
  /** Makes a closed log look as if a later version had written it. */
  readonly makeNewer: Able<(place: Place) => void | Promise<void>>
  /** Whether `close` ends anything. */
  readonly closing: Able<true>
  /** Changes a byte of the snapshot that a closed log keeps. */
  readonly damageSnapshot: Able<(place: Place) => void | Promise<void>>
}

export function isLack(capability: unknown): capability is Lack {
  return typeof capability === 'object' && capability !== null && 'lacks' in capability
}
