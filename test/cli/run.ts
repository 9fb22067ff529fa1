import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach } from 'vitest'
import type { Io, Output } from '../../src/cli/io.js'
import { openLogFile } from '../../src/cli/openLog.js'
import { main } from '../../src/cli/program.js'
import { createMemoryLog, LogCorruptError, type Fact } from '../../src/index.js'
import { openJsonlLog } from '../../src/jsonl/index.js'
import { tellStory } from './story.js'

export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface RunIo extends Partial<Omit<Io, 'stdout' | 'stderr'>> {
  /** Whether both outputs are a terminal. */
  readonly isTerminal?: boolean
}

/** Runs the program in this process. */
export async function run(argv: readonly string[], { isTerminal = false, ...io }: RunIo = {}): Promise<Ran> {
  const written = { stdout: '', stderr: '' }
  const output = (name: 'stdout' | 'stderr'): Output => ({
    isTerminal,
    write: (text) => void (written[name] += text),
    flush: () => undefined,
  })
  const code = await main(argv, {
    stdout: output('stdout'),
    stderr: output('stderr'),
    env: {},
    now: () => Date.UTC(2026, 1, 1),
    openLog: openLogFile,
    interrupted: () => Promise.resolve(),
    ...io,
  })
  return { code, ...written }
}

/** A fresh folder for each test, and the story in it. */
export function useFolder() {
  let folder = ''
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cli-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))
  const path = (name: string) => join(folder, name)
  return {
    path,
    /** What was printed, without the name of the folder. */
    tidy: (text: string) => text.replaceAll(`${folder}/`, ''),
    async write(facts: readonly Fact[], name = 'a.jsonl'): Promise<string> {
      const log = await openJsonlLog(path(name))
      for (const fact of facts) log.append(fact.meta.stream, [fact])
      await log.close()
      return path(name)
    },
    async writeStory(): Promise<string> {
      return this.write(await tellStory())
    },
  }
}

/** A log that can be read up to a fact, and no further. */
export function openDamagedLog(facts: readonly Fact[], good: number): Io['openLog'] {
  const log = createMemoryLog()
  for (const fact of facts) log.append(fact.meta.stream, [fact])
  async function* read() {
    yield* facts.slice(0, good)
    throw new LogCorruptError({ seq: good + 1 }, 'its checksum does not fit')
  }
  return async (path) => ({ path, format: 'jsonl', log: Object.assign(log, { read }), notes: [] })
}
