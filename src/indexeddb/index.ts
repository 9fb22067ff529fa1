export { openIndexedDbLog, type IndexedDbLog, type IndexedDbLogOptions } from './openIndexedDbLog.js'
export { LogLockedError } from '../log/logLockedError.js'
export { IndexedDbUnsupportedError } from './indexedDbUnsupportedError.js'
