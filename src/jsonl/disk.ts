import { link, open, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { describeError } from '../../slices/rules/errors.js'

/** What the log needs of a file system. Tests give one that fails. */
export interface Disk {
  open(path: string, flags: 'r' | 'r+' | 'w'): Promise<DiskFile>
  /** @returns `undefined`: there is no such file. */
  readText(path: string): Promise<string | undefined>
  /** Fails when the file is there. */
  create(path: string, text: string): Promise<void>
  link(from: string, to: string): Promise<void>
  rename(from: string, to: string): Promise<void>
  /** Does nothing when there is no such file. */
  remove(path: string): Promise<void>
  /** The path without symbolic links. */
  realpath(path: string): Promise<string>
}

export interface DiskFile {
  read(buffer: Buffer, offset: number, length: number, position: number): Promise<{ readonly bytesRead: number }>
  write(buffer: Buffer, offset: number, length: number, position: number): Promise<{ readonly bytesWritten: number }>
  stat(): Promise<{ readonly size: number; readonly nlink: number; isFile(): boolean }>
  truncate(size: number): Promise<void>
  datasync(): Promise<void>
  sync(): Promise<void>
  close(): Promise<void>
}

export const nodeDisk: Disk = {
  open,
  readText: (path) => readFile(path, 'utf8').catch(absentAsUndefined),
  create: (path, text) => writeFile(path, text, { flag: 'wx' }),
  link,
  rename,
  remove: (path) => rm(path, { force: true }),
  realpath: (path) => realpath(path),
}

/** Writes all of it: a disk may take less than it is given. */
export async function writeFully(file: DiskFile, bytes: Buffer, position: number): Promise<void> {
  let written = 0
  while (written < bytes.length) {
    const { bytesWritten } = await file.write(bytes, written, bytes.length - written, position + written)
    if (bytesWritten === 0) throw new Error('the disk took nothing of what was to be written')
    written += bytesWritten
  }
}

/** Puts a whole file in the place of another, or of none: a crash leaves the one or the other. */
export async function replaceFile(disk: Disk, path: string, text: string): Promise<void> {
  const draft = `${path}.new`
  try {
    const file = await disk.open(draft, 'w')
    try {
      await writeFully(file, Buffer.from(text), 0)
      await file.sync()
    } finally {
      await file.close()
    }
    await disk.rename(draft, path)
  } catch (error) {
    await disk.remove(draft).catch(() => undefined)
    throw error
  }
}

/** Makes durable that a file is in its folder. Windows has no such call, and no need of it. */
export async function syncFolder(disk: Disk, path: string): Promise<void> {
  if (process.platform === 'win32') return
  const folder = await disk.open(dirname(path), 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

/** Such as `ENOENT`. */
export function errorCode(error: unknown): string | undefined {
  return describeError(error).code
}

/** What a disk says about a path that cannot be used. Anything else is about the disk. */
export const PATH_REFUSALS: ReadonlySet<string> = new Set([
  'ENOENT',
  'ENOTDIR',
  'EISDIR',
  'ELOOP',
  'ENAMETOOLONG',
  'EACCES',
  'EPERM',
  'EROFS',
  'ERR_INVALID_ARG_VALUE',
])

function absentAsUndefined(error: unknown): undefined {
  if (errorCode(error) === 'ENOENT') return undefined
  throw error
}
