import type { KeptSnapshot } from '../../../src/indexeddb/stores.js'
import { describeEventLog } from '../../log/contract.js'
import { Place } from './place.js'

describeEventLog('the IndexedDB log', {
  createPlace: () => new Place(),
  removePlace: (place) => place.remove(),
  open: (place) => place.open(),
  reopen: (place) => place.open(),
  openReadOnly: (place) => place.openReadOnly(),
  openSecond: (place) => place.open(),
  closing: true,
  makeNewer: (place) => place.make(() => undefined, 2),
  damageSnapshot: (place) =>
    place.change(async (database) => {
      const snapshot = (await database.get('snapshots', 1)) as KeptSnapshot
      await database.put('snapshots', { ...snapshot, state: snapshot.state.replace('"seq":3', '"seq":2') }, 1)
    }),
})
