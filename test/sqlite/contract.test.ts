import { describe } from 'vitest'
import { openSqliteLog, type SqliteDatabase } from '../../src/sqlite/index.js'
import { describeEventLog } from '../log/contract.js'
import { describeAppending } from '../log/contract/appending.js'
import type { EventLogFixture } from '../log/contract/fixture.js'
import { createHarness } from '../log/contract/harness.js'
import { describeOpening } from '../log/contract/opening.js'
import { describeReading } from '../log/contract/reading.js'
import { describeSnapshots } from '../log/contract/snapshots.js'
import { describeSqlite, openLikeBetterSqlite, openNodeSqlite, Place } from './drivers.js'

const shared = {
  createPlace: () => Place.create(),
  removePlace: (place: Place) => place.remove(),
  closing: true,
  makeNewer: (place: Place) => place.change('PRAGMA user_version = 2'),
  damageSnapshot: (place: Place) => place.change(`UPDATE snapshots SET state = replace(state, '"seq":3', '"seq":2')`),
} as const

const byPath: EventLogFixture<Place> = {
  ...shared,
  open: ({ path }) => openSqliteLog(path),
  reopen: ({ path }) => openSqliteLog(path),
  openReadOnly: ({ path }) => openSqliteLog(path, { readOnly: true }),
  openSecond: ({ path }) => openSqliteLog(path),
}

function byDatabase(connect: (path: string) => SqliteDatabase): EventLogFixture<Place> {
  const open = (place: Place) => openSqliteLog(place.open(connect))
  return {
    ...shared,
    open,
    reopen: open,
    openReadOnly: (place) => openSqliteLog(place.open(connect), { readOnly: true }),
    openSecond: open,
  }
}

/** All but the million facts, which take their time: once they are in a file, they are the same however it was opened. */
function describeSmallEventLog(name: string, fixture: EventLogFixture<Place>): void {
  describe(name, () => {
    const harness = createHarness(fixture)
    describeAppending(harness)
    describeReading(harness)
    describeOpening(harness)
    describeSnapshots(harness)
  })
}

describeSqlite('the SQLite log', () => {
  describeEventLog('by its path', byPath)
  describeSmallEventLog('in an open database of node:sqlite', byDatabase(openNodeSqlite))
  describeSmallEventLog('in an open database of better-sqlite3', byDatabase(openLikeBetterSqlite))
})
