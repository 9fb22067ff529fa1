import { openSqliteLog, type SqliteDatabase } from '../../src/sqlite/index.js'
import { describeEventLog } from '../log/contract.js'
import type { EventLogFixture } from '../log/contract/fixture.js'
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

describeSqlite('the SQLite log', () => {
  describeEventLog('by its path', byPath)
  describeEventLog('in an open database of node:sqlite', byDatabase(openNodeSqlite))
  describeEventLog('in an open database of better-sqlite3', byDatabase(openLikeBetterSqlite))
})
