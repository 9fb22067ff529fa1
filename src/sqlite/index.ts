export { openSqliteLog, type SqliteLog, type SqliteLogOptions } from './openSqliteLog.js'
export { SqliteOpenError } from './sqliteOpenError.js'
export type { SqliteDatabase, SqliteStatement, SqliteValue } from './database.js'
