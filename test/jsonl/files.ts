import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { openJsonlLog } from '../../src/jsonl/index.js'
import { createFact } from '../log/facts.js'

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

/** Writes a log of that many facts, each with a text of `textOf(seq)`, in two streams. */
export async function writeLog(path: string, count: number, textOf: (seq: number) => string = String): Promise<void> {
  const log = await openJsonlLog(path)
  for (let seq = 1; seq <= count; seq += 1) {
    const stream = seq % 2 === 0 ? 'even' : 'odd'
    log.append(stream, [createFact(seq, stream, { text: textOf(seq) })])
  }
  await log.close()
}

export function readLines(path: string): string[] {
  return readFileSync(path, 'utf8').split('\n')
}

/** A line with its checksum, written by other means than those of the log. */
export function sealed(json: string): string {
  const body = json.slice(0, -1)
  return `${body},"crc":"${crc32(body).toString(16).padStart(8, '0')}"}`
}

/** A copy with one bit turned over. */
export function flipped(bytes: Buffer, bit: number): Buffer {
  const copy = Buffer.from(bytes)
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7))
  return copy
}

export function flipByte(path: string, position: number): void {
  writeFileSync(path, flipped(readFileSync(path), position * 8))
}
