import { createMemoryLog } from '../../src/index.js'
import { describeEventLog } from './contract.js'

const forgets = { lacks: 'a log in memory is gone with its process' }

describeEventLog('the log in memory', {
  createPlace: () => null,
  removePlace: () => undefined,
  open: () => createMemoryLog(),
  reopen: forgets,
  openReadOnly: forgets,
  openSecond: { lacks: 'nobody else can open a log in memory' },
  makeNewer: forgets,
  closing: true,
  damageSnapshot: { lacks: 'a log in memory needs no snapshots' },
})
