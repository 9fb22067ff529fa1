import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Fact } from '../../src/index.js'

/** Logs that every later version must replay to the states that it had recorded. */
export interface CorpusIndex {
  readonly logs: Readonly<Record<string, RecordedLog>>
}

export interface RecordedLog {
  readonly facts: number
  /** The hash of the state after all facts, by `STATE_VERSION`. */
  readonly stateHashes: Readonly<Record<string, string>>
}

export function corpusPath(file: string): string {
  return fileURLToPath(new URL(`./v1/${file}`, import.meta.url))
}

export function readIndex(): CorpusIndex {
  const path = corpusPath('index.json')
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as CorpusIndex) : { logs: {} }
}

/** `undefined`: it is not recorded yet. */
export function readLog(name: string): readonly Fact[] | undefined {
  const path = corpusPath(`${name}.jsonl`)
  if (!existsSync(path)) return undefined
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
  return lines.map((line) => JSON.parse(line) as Fact)
}
