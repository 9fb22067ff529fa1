import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface TempLog {
  readonly folder: string
  readonly path: string
  remove(): void
}

/** A path for a log in a folder of its own. */
export function tempLog(): TempLog {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'jsonl-')))
  return { folder, path: join(folder, 'log.jsonl'), remove: () => rmSync(folder, { recursive: true, force: true }) }
}

export function flipByte(path: string, position: number): void {
  flipBit(path, position * 8)
}

export function flipBit(path: string, bit: number): void {
  const bytes = readFileSync(path)
  bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7))
  writeFileSync(path, bytes)
}
