import { afterEach, beforeEach, it } from 'vitest'
import type { EventLog } from '../../../src/index.js'
import { isLack, type Able, type EventLogFixture } from './fixture.js'

type Opening = EventLog | Promise<EventLog>

/** One place for each test, and the logs that a test opened there. */
export interface Harness<Place> {
  readonly fixture: EventLogFixture<Place>
  place(): Place
  /** The test's log: made, or opened again. */
  open(): Promise<EventLog>
  /** Closes a log when the test is over. */
  keep(opening: Opening): Promise<EventLog>
  /** A test of what not every store can. One that cannot says why. */
  whenAble<Capability>(
    capability: Able<Capability>,
    title: string,
    test: (capability: Capability) => Promise<void>,
  ): void
}

export function createHarness<Place>(fixture: EventLogFixture<Place>): Harness<Place> {
  let place: Place
  let opened: EventLog[] = []

  beforeEach(async () => {
    place = await fixture.createPlace()
  })

  afterEach(async () => {
    for (const log of opened) await log.close().catch(() => undefined)
    opened = []
    await fixture.removePlace(place)
  })

  async function keep(opening: Opening): Promise<EventLog> {
    const log = await opening
    opened.push(log)
    return log
  }

  return {
    fixture,
    keep,
    place: () => place,
    open: () => keep(fixture.open(place)),
    whenAble(capability, title, test) {
      if (isLack(capability)) it.skip(`${title} (${capability.lacks})`)
      else it(title, () => test(capability))
    },
  }
}

export function thrown(call: () => unknown): unknown {
  try {
    call()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}
