export { openSqliteLog, type SqliteLog, type SqliteLogOptions } from './openSqliteLog.js'
export { LogLockedError } from '../log/logLockedError.js'
export { SqliteUnsupportedError } from './sqliteUnsupportedError.js'
export type { SqliteDatabase, SqliteStatement, SqliteValue } from './database.js'
