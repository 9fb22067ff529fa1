import { describe } from 'vitest'
import { describeAppending } from './contract/appending.js'
import type { EventLogFixture } from './contract/fixture.js'
import { createHarness } from './contract/harness.js'
import { describeMillion } from './contract/million.js'
import { describeOpening } from './contract/opening.js'
import { describeReading } from './contract/reading.js'
import { describeSnapshots } from './contract/snapshots.js'

/** What every event log does, wherever it keeps facts. Uses nothing that a browser lacks. */
export function describeEventLog<Place>(name: string, fixture: EventLogFixture<Place>): void {
  describe(name, () => {
    const harness = createHarness(fixture)
    describeAppending(harness)
    describeReading(harness)
    describeOpening(harness)
    describeSnapshots(harness)
    describeMillion(harness)
  })
}
